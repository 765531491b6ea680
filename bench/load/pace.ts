import { HttpConnection } from '../rig/http-connection.ts';
import { now } from '../rig/now.ts';

/** More than the rates of this benchmark need, unless the measured side stalls. */
const CONNECTIONS = 64;

export interface Pace {
  port: number;
  perSecond: number;
  seconds: number;
  request(n: number): string;
}

export interface Paced {
  sentAt: number[];
  answeredIn: number[];
}

/**
 * Sends at a steady rate, whether or not earlier requests have an answer: a stall must not slow down the measurement
 * it.
 * @returns for each request when it was sent, on the clock of `now`, and how long its answer took (ms).
 * @throws Error at the first answer that is no 2xx.
 */
export async function pace({ port, perSecond, seconds, request }: Pace): Promise<Paced> {
  using pool = new DisposableStack();
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)));
  for (const connection of idle) pool.use(connection);
  const sentAt: number[] = [];
  const answeredIn: number[] = [];
  const answers: Promise<void>[] = [];
  const begin = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const waitMs = begin + (n * 1000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const connection = idle.pop() ?? pool.use(await HttpConnection.open(port));
    const at = now();
    sentAt.push(at);
    answers.push(
      connection.request(request(n)).then(({ status, text }) => {
        if (status < 200 || status > 299) throw new Error(`An answer that is no 2xx:\n${text}`);
        answeredIn[n] = now() - at;
        idle.push(connection);
      }),
    );
  }
  await Promise.all(answers);
  return { sentAt, answeredIn };
}
