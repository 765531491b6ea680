import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import type { Settings } from '../config/settings.ts';
import type { Database } from '../db/database.ts';
import { readinessOf } from '../db/ready.ts';
import { whyNotListening } from '../process/listening.ts';

/**
 * Gauges of prom-client whose names look like counters (`promtool check metrics`); other metrics have the same
 * values.
 */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

export interface InternalServer {
  close(): Promise<void>;
}

/**
 * The listener for the operator's own tools: `/metrics` (Prometheus), `/health` and `/ready`. It has no
 * authentication, so it listens on an internal address and never shares the public port. Without METRICS_PORT there
 * is none.
 */
export async function startInternalServer(
  settings: Pick<Settings, 'METRICS_PORT' | 'METRICS_HOST' | 'MIN_FREE_DISK'>,
  registry: Registry,
  db: Database,
  log: Logger,
): Promise<InternalServer | undefined> {
  const { METRICS_PORT: wantedPort, METRICS_HOST: wantedHost } = settings;
  if (wantedPort === undefined) return undefined;
  const isReady = readinessOf(db, settings.MIN_FREE_DISK);
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const pages: Readonly<Record<string, () => Promise<[status: number, type: string, body: string]>>> = {
    '/metrics': async () => [200, registry.contentType, await registry.metrics()],
    '/health': async () => [200, JSON_TYPE, '{"status":"ok"}'],
    '/ready': async () =>
      (await isReady())
        ? [200, JSON_TYPE, JSON.stringify({ status: 'ready', accepted_is_on: await db.acceptedIsOn() })]
        : [503, JSON_TYPE, '{"status":"unready"}'],
  };
  const server = createServer((request, response) => {
    const page =
      pages[request.url ?? ''] ?? (async () => [404, JSON_TYPE, '{"error":"Not found."}'] as const);
    page().then(
      ([status, type, body]) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const names = { hostSetting: 'METRICS_HOST', portSetting: 'METRICS_PORT' } as const;
      reject(whyNotListening(error, { host: wantedHost, port: wantedPort, ...names }));
    });
    server.listen(wantedPort, wantedHost, resolve);
  });
  const { port, address: host, family } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
  log.info({ url }, `Internal listener with /metrics, /health and /ready is at ${url}`);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';
