import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../documents/markdown.ts';
import { blocksOf } from '../pages/blocks.ts';
import { ensureBaseImages } from '../stack/base-images.ts';
import { composeCommand, isDaemonThere, putBuildFiles } from '../stack/docker.ts';

const compose = composeCommand();
const skip =
  (!isDaemonThere() || compose === undefined) && 'There is no Docker daemon with compose on this machine.';

const GUIDE = 'docs/deployment.md';
const EXAMPLE_BACKUP = /mahilo-20260127-030000\.db/;
const SERVES = 'curl -sS --retry 30 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/ready';
const register = (username: string) =>
  `curl -sS http://127.0.0.1:8080/api/v1/auth/register -H 'Content-Type: application/json' -d '{"username":"${username}"}'`;

/** A reader in a clone of the repository, who pastes into one shell after the other. */
class Reader implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mahilo-pages-'));
  readonly #place: string;
  #within = '.';

  constructor() {
    this.#place = join(this.#directory, 'mahilo');
    // Another user must be able to read the build even after the strictest umask.
    execFileSync('sh', ['-c', 'umask 077 && git clone --quiet "$0" "$1"', ROOT, this.#place]);
    putBuildFiles(this.#place);
  }

  /** Changes the directory for the next blocks. */
  enter(directory: string): void {
    this.#within = directory;
  }

  /** @returns what it printed. @throws Error when the last command fails. */
  paste(commands: string): string {
    const written = (compose ?? []).join(' ') === 'docker-compose' ? 'docker-compose' : 'docker compose';
    const { status, stdout, stderr } = spawnSync('bash', {
      cwd: join(this.#place, this.#within),
      input: commands.replaceAll('docker compose', written),
      encoding: 'utf8',
    });
    if (status === 0) return stdout + stderr;
    throw new Error(`exit code ${status}:\n${commands}\n${stdout}${stderr}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function backupIn(output: string): string {
  const [file = ''] = /mahilo-\d{8}-\d{6}\.db/.exec(output) ?? [];
  assert.ok(file, output);
  return file;
}

test('the images are built, and one container, two and compose serve, are backed up and restored by the blocks of the guide', {
  skip,
}, () => {
  ensureBaseImages();
  using reader = new Reader();
  for (const block of blocksOf('images', GUIDE)) reader.paste(block.commands);

  const [start = '', backup = '', restore = ''] = blocksOf('container', GUIDE).map(
    ({ commands }) => commands,
  );
  try {
    reader.paste(start);
    // Health checks written for other images ask like this.
    const wget = 'wget --no-verbose --tries=1 --spider http://localhost:8080/health';
    reader.paste(`docker exec mahilo-registry ${wget}`);
    reader.paste(register('ann'));
    const file = backupIn(reader.paste(backup.replace(/^docker exec.*\n/m, '')));
    reader.paste(register('late'));
    assert.match(restore, EXAMPLE_BACKUP);
    reader.paste(restore.replace(EXAMPLE_BACKUP, file));
    reader.paste(SERVES);
    const list = 'docker exec mahilo-registry node scripts/admin.ts users list';
    assert.match(reader.paste(list), /ann/);
    assert.doesNotMatch(reader.paste(list), /late/);
  } finally {
    reader.paste('docker rm --force mahilo-registry; docker volume rm --force mahilo-data; true');
  }

  const [two = ''] = blocksOf('two', GUIDE).map(({ commands }) => commands);
  try {
    reader.paste(two);
    reader.paste(SERVES);
  } finally {
    reader.paste(
      'docker rm --force mahilo-api mahilo-worker; docker volume rm --force mahilo-data; rm -r secrets',
    );
  }

  try {
    const blocks = blocksOf('compose', GUIDE).map(({ commands }) => commands);
    let file = '';
    for (const [i, block] of blocks.entries()) {
      const output = reader.paste(block.replace(EXAMPLE_BACKUP, file).replace('git pull', 'true'));
      if (i === 0) reader.enter('deploy');
      if (/admin backup/.test(block)) file = backupIn(output);
      if (i === 0) reader.paste(register('ann'));
    }
    reader.paste(SERVES);
    assert.match(reader.paste('docker compose run --rm admin users list'), /ann/);
  } finally {
    reader.paste('docker compose down --volumes');
  }
});
