import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** What the build may need to reach the npm registry by way of a mirror: id of the secret, and where it usually is. */
const BUILD_SECRETS: readonly (readonly [id: string, file: string | undefined])[] = [
  ['npmrc', join(homedir(), '.npmrc')],
  ['ca', process.env['NODE_EXTRA_CA_CERTS']],
];

type Output = 'inherit' | 'pipe';

/** Runs docker and answers with what it printed; its errors go to standard error. */
export function docker(words: readonly string[], output: Output = 'pipe'): string {
  const printed = execFileSync('docker', words, {
    cwd: ROOT,
    env: { ...process.env, DOCKER_BUILDKIT: '1' },
    encoding: 'utf8',
    stdio: ['ignore', output, 'inherit'],
  });
  return (printed ?? '').trim();
}

/** The compose command of this machine: Docker's plugin, or the older program of its own. */
export function composeCommand(): readonly [string, ...string[]] | undefined {
  const candidates = [['docker', 'compose'], ['docker-compose']] as const;
  return candidates.find(([program, ...words]) => succeeds(program, [...words, 'version']));
}

export function isDaemonThere(): boolean {
  return succeeds('docker', ['info']);
}

/**
 * Builds the image of one process under a name of its own.
 * @returns its size in MB.
 */
export function build(target: 'api' | 'worker', tag: string): number {
  const secrets = BUILD_SECRETS.filter(([, file]) => file && existsSync(file)).flatMap(([id, file]) => [
    '--secret',
    `id=${id},src=${file}`,
  ]);
  docker([
    'build',
    '--quiet',
    ...secrets,
    '--file',
    'deploy/Dockerfile',
    '--target',
    target,
    '--tag',
    tag,
    '.',
  ]);
  return Math.round(Number(docker(['inspect', '--format', '{{.Size}}', tag])) / 1_000_000);
}

function succeeds(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
