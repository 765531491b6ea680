import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../world/eventually.ts';
import { docker } from './docker.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const HEALTHY_WITHIN_MS = 120_000;

interface Options {
  directory: string;
  compose: readonly [string, ...string[]];
  project: string;
  version: string;
  subnet: string;
  gateway: string;
  port: number;
  /** An authority that the processes are to trust beside the public ones. */
  caFile: string;
}

/** What `deploy/compose.yaml` starts, in a directory of its own as an operator has one. */
export class Stack implements Disposable {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    const { directory, project, version, subnet, gateway, port, caFile } = options;
    const file = (name: string) => join(directory, name);
    copyFileSync(join(DEPLOY, 'compose.yaml'), file('compose.yaml'));
    mkdirSync(file('secrets'), { mode: 0o700 });
    writeFileSync(file('secrets/secret_key'), randomBytes(32).toString('base64'));
    const example = readFileSync(join(DEPLOY, '.env.example'), 'utf8');
    const changes = {
      COMPOSE_PROJECT_NAME: project,
      MAHILO_VERSION: version,
      MAHILO_SUBNET: subnet,
      MAHILO_LISTEN: `127.0.0.1:${port}`,
      TRUST_PROXY: gateway,
      EGRESS_ALLOW: subnet,
      RATE_LIMIT: 100_000,
      // Shorter than an operator would have them, so that nobody waits for a minute to pass.
      LEASE_MS: 5000,
      RETRY_BASE_MS: 500,
      RETRY_FACTOR: 2,
    };
    const lines = Object.entries(changes).map(([name, value]) => `${name}=${value}`);
    writeFileSync(file('.env'), [example, ...lines, ''].join('\n'));
    const service = {
      healthcheck: { interval: '2s' },
      environment: { NODE_EXTRA_CA_CERTS: '/ca.pem' },
      volumes: [`${caFile}:/ca.pem:ro`],
    };
    writeFileSync(
      file('compose.override.yaml'),
      JSON.stringify({ services: { api: service, worker: service } }),
    );
  }

  compose(...words: string[]): string {
    const [program, ...before] = this.#options.compose;
    const files = ['-f', 'compose.yaml', '-f', 'compose.override.yaml'];
    return execFileSync(program, [...before, ...files, ...words], {
      cwd: this.#options.directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** One of the operator's tools, in a container of its own. */
  admin(...words: string[]): string {
    return this.compose('run', '--rm', '-T', 'admin', ...words);
  }

  containers(service: string): string[] {
    return this.compose('ps', '-q', service).split('\n').filter(Boolean);
  }

  /** Waits until all containers of a service are healthy by their own health checks. */
  async healthy(service: string, count = 1): Promise<void> {
    await eventually(() => {
      const states = this.containers(service).map((id) => this.inspect(id, '{{.State.Health.Status}}'));
      if (states.length === count && states.every((state) => state === 'healthy')) return true;
      throw new Error(`${service}: ${states.join(', ')}`);
    }, HEALTHY_WITHIN_MS);
  }

  inspect(container: string, format: string): string {
    return docker(['inspect', '--format', format, container]);
  }

  /** Ends a container in order. */
  stop(container: string): void {
    docker(['stop', container]);
  }

  start(container: string): void {
    docker(['start', container]);
  }

  logs(container: string): string {
    return docker(['logs', container]);
  }

  [Symbol.dispose](): void {
    this.compose('down', '--volumes', '--timeout', '15');
  }
}
