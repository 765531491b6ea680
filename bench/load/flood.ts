import { HttpConnection } from '../rig/http-connection.ts';

export interface Flood {
  port: number;
  connections: number;
  seconds: number;
  /** The next request of a connection (0-based). */
  request(connection: number): string;
}

export interface FloodResult {
  /** Answers with 2xx a second. */
  perSecond: number;
  /** All answers with 2xx, including those that arrived after the end. */
  accepted: number;
}

/**
 * Sends as fast as the answers come, one request at a time on each connection.
 * @throws Error at the first answer that is no 2xx.
 */
export async function flood({ port, connections, seconds, request }: Flood): Promise<FloodResult> {
  using pool = new DisposableStack();
  const opened = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port)));
  for (const connection of opened) pool.use(connection);
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let inTime = 0;
  let accepted = 0;
  await Promise.all(
    opened.map(async (connection, index) => {
      while (performance.now() < end) {
        const { status, text } = await connection.request(request(index));
        if (status < 200 || status > 299) throw new Error(`An answer that is no 2xx:\n${text}`);
        accepted += 1;
        if (performance.now() < end) inTime += 1;
      }
    }),
  );
  return { perSecond: inTime / seconds, accepted };
}
