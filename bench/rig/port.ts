import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { HttpConnection } from './http-connection.ts';
import { requestBytes } from './request-bytes.ts';
import type { StartedProcess } from './started-process.ts';

const READY_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 20;

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the process takes connections on the port. */
export function reachable(started: StartedProcess, port: number): Promise<void> {
  return poll(started, async () => {
    using _connection = await HttpConnection.open(port);
    return true;
  });
}

/** Waits until the process answers `GET /health` on the port. */
export function healthy(started: StartedProcess, port: number): Promise<void> {
  return poll(started, async () => {
    using connection = await HttpConnection.open(port);
    const { status } = await connection.request(requestBytes('GET', '/health'));
    return status === 200;
  });
}

async function poll(started: StartedProcess, isUp: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isUp().catch(() => false))) {
    started.assertRuns();
    if (Date.now() > deadline) throw new Error(`A process was not up within ${READY_WITHIN_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
