import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { isoTime, systemClock } from '../clock.ts';
import { HERE, type UpgradeSurroundings } from '../db/upgrade.ts';

/** Connections at once, at each place; each ends with its answer. */
const MAX_CONNECTIONS = 100;
const RETRY_AFTER_S = 10;

/** Where a process will listen once its database is open; without a port, or with any (0), it is not asked before. */
export interface FuturePlace {
  host: string;
  port: number | undefined;
}

/**
 * Opens a database, which may have to be upgraded before. That can take minutes, and meanwhile the process answers at these
 * places: `/health` as always, `/ready` with 503 and the reason, everything else with 503.
 * @throws what `open` throws.
 */
export async function answeringMeanwhile<T>(
  places: readonly FuturePlace[],
  open: (surroundings: UpgradeSurroundings) => Promise<T>,
): Promise<T> {
  const servers: Server[] = [];
  let reason = '';
  const says = (sentence: string) => {
    HERE.says(sentence);
    if (reason === '') servers.push(...places.flatMap((place) => listening(place, () => reason)));
    reason = sentence;
  };
  try {
    return await open({ ...HERE, says });
  } finally {
    await Promise.all(servers.map(closed));
  }
}

function listening({ host, port }: FuturePlace, reason: () => string): Server[] {
  if (!port) return [];
  const server = createServer(answering(reason));
  server.maxConnections = MAX_CONNECTIONS;
  // Whoever listens for good there says what is wrong with the place.
  server.on('error', () => undefined);
  return [server.listen({ host, port })];
}

function answering(reason: () => string): RequestListener {
  return ({ url }, response) => {
    const path = url?.split('?')[0];
    const [status, body] =
      path === '/health'
        ? [200, { status: 'ok', timestamp: isoTime(systemClock.now()) }]
        : path === '/ready'
          ? [503, { status: 'unready', reason: reason() }]
          : [503, { error: 'The database is being upgraded.', code: 'UNAVAILABLE' }];
    const headers = { 'content-type': 'application/json; charset=utf-8', connection: 'close' };
    if (status === 503) response.setHeader('retry-after', RETRY_AFTER_S);
    response.writeHead(status, headers).end(JSON.stringify(body));
  };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const closing = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closing;
}
