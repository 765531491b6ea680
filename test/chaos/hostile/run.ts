import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../../world/certificate.ts';
import type { Environment, ProductProcess } from '../../world/process.ts';
import { isInstalled, type ProxyKind, ReverseProxy, SERVER_NAME } from '../../world/reverse-proxy.ts';
import { World } from '../../world/world.ts';
import type { Figures } from './figures.ts';
import { HonestPeople } from './honest.ts';
import { MemoryLimit } from './memory-limit.ts';
import { SERVER_ADDRESS } from './namespace.ts';
import { type AttackCounts, type HostileVerdict, verdictOf } from './report.ts';
import type { Route } from './route.ts';

const MEMORY_BYTES = 512 * 1024 * 1024;
const WARM_UP_MS = 5000;
/** Here callbacks go to loopback, as they may outside production. */
const ENVIRONMENT: Environment = {
  HOST: '0.0.0.0',
  TRUST_PROXY: '127.0.0.1',
  TRUSTED_MODE: 'true',
  RATE_LIMIT: '',
  RETRY_BASE_MS: '',
  RETRY_FACTOR: '',
  BREAKER_MAX_MS: '',
  // In a container of this size Node gives its heap half of the memory.
  NODE_OPTIONS: '--max-semi-space-size=16 --max-old-space-size=256',
  MALLOC_ARENA_MAX: '2',
};

export interface HostileOptions {
  /** How long honest people are measured, alone and under attack. */
  aloneMs: number;
  attackMs: number;
  /** The sources to run, and settings that differ: a control's. */
  root?: string;
  environment?: Environment;
  progress(line: string): void;
}

/** One run: honest people alone, then among attackers on every route. Does the registry serve them, and how much slower? */
export async function runHostile(options: HostileOptions): Promise<HostileVerdict> {
  const { progress, root, environment = {} } = options;
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-hostile-'));
  const world = new World(
    { ...ENVIRONMENT, ...environment },
    { directory, ...(root !== undefined && { root }) },
  );
  const proxies: ReverseProxy[] = [];
  try {
    const api = await world.startApi();
    const worker = await world.startWorker();
    using apiMemory = new MemoryLimit(api, MEMORY_BYTES);
    using workerMemory = new MemoryLimit(worker, MEMORY_BYTES);
    const routes = await routesTo(world, directory, proxies);
    await using people = new HonestPeople(routes);
    await people.arrive();
    await people.live(WARM_UP_MS);
    progress(`Honest people alone, on ${routes.map(({ name }) => name).join(', ')}.`);
    const alone = await people.live(options.aloneMs);
    progress('Everything at once.');
    const { figures: attacked, attacks } = await underAttack(people, routes, options, [api, worker]);
    return verdictOf({
      alone,
      attacked,
      attacks,
      died: [api, worker].filter(({ child }) => child.exitCode !== null || child.signalCode !== null).length,
      memory: { api: apiMemory.largest, worker: workerMemory.largest },
    });
  } finally {
    await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    await world[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function underAttack(
  people: HonestPeople,
  routes: readonly Route[],
  { attackMs, progress }: HostileOptions,
  processes: readonly ProductProcess[],
): Promise<{ figures: Figures; attacks: AttackCounts }> {
  const attacks: AttackCounts = {};
  const attackers = routes.map(async (route) => {
    const child = fork(join(import.meta.dirname, 'attack-process.ts'), [
      JSON.stringify({ route, durationMs: attackMs }),
    ]);
    child.on('message', (report: AttackCounts[string]) => {
      attacks[route.name] = report;
    });
    await once(child, 'exit');
  });
  const ticker = setInterval(() => {
    const alive = processes.filter(
      ({ child }) => child.exitCode === null && child.signalCode === null,
    ).length;
    progress(`${alive} of ${processes.length} processes alive`);
  }, 15_000);
  const figures = await people.live(attackMs);
  await Promise.all(attackers);
  clearInterval(ticker);
  return { figures, attacks };
}

/** The API directly, and behind each shipped proxy that this machine has. */
async function routesTo(world: World, directory: string, proxies: ReverseProxy[]): Promise<Route[]> {
  const upstreamPort = Number(new URL(world.url).port);
  const routes: Route[] = [{ name: 'direct', host: SERVER_ADDRESS, port: upstreamPort }];
  const certificate = createCertificate(directory, [`DNS:${SERVER_NAME}`]);
  for (const kind of ['nginx', 'caddy'] satisfies ProxyKind[]) {
    if (!isInstalled(kind)) continue;
    const proxy = await ReverseProxy.start(kind, {
      directory: join(directory, kind),
      certificate,
      upstreamPort,
    });
    proxies.push(proxy);
    routes.push({ name: kind, host: '127.0.0.1', port: proxy.ports.https, serverName: SERVER_NAME });
  }
  return routes;
}
