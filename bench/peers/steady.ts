import type { Receiver } from '../bare/receiver-client.ts';
import { HttpConnection } from '../rig/http-connection.ts';
import { now } from '../rig/now.ts';
import type { OpenSide } from './side.ts';

/** A front with so many requests unanswered does not keep up. */
const MOST_OPEN = 512;
const OPEN_AT_FIRST = 32;
/** For a receiver that is asked what came, rather than told how much will come. */
const NEVER = -1;
/** How long answers that are still open may take (ms). */
const ANSWERED_WITHIN_MS = 10_000;

/** Of all that is sent in a run: what comes late must not pass for a later message. */
let numbers = 0;

export interface Steady {
  side: OpenSide;
  receiver: Receiver;
  perSecond: number;
  seconds: number;
  /** How long after the last send a callback still counts (ms). */
  graceMs: number;
}

export interface SteadyResult {
  /** Of the callbacks that came: how long after their send (ms). */
  times: number[];
  sent: number;
  /** False when the front could not take the rate, or refused a message. */
  keptUp: boolean;
}

/** Sends at a steady rate, whether or not earlier messages have arrived, and tells which arrived when. */
export async function steady(load: Steady): Promise<SteadyResult> {
  await load.receiver.expect(NEVER);
  const { sentAt, keptUp } = await send(load);
  await new Promise((resolve) => setTimeout(resolve, load.graceMs));
  const arrivals = await load.receiver.arrivals();
  const times = arrivals.flatMap(([n, at]) => {
    const sent = sentAt.get(n);
    return sent === undefined ? [] : [at - sent];
  });
  return { times, sent: sentAt.size, keptUp };
}

async function send({
  side,
  perSecond,
  seconds,
}: Steady): Promise<{ sentAt: Map<number, number>; keptUp: boolean }> {
  using pool = new DisposableStack();
  const open = async () => pool.use(await HttpConnection.open(side.port));
  const idle = await Promise.all(Array.from({ length: OPEN_AT_FIRST }, open));
  let opened = idle.length;
  let refused = false;
  const sentAt = new Map<number, number>();
  const answers: Promise<void>[] = [];
  const begin = performance.now();
  for (let n = 0; n < perSecond * seconds && !refused; n++) {
    const waitMs = begin + (n * 1000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (idle.length === 0 && opened === MOST_OPEN) break;
    if (idle.length === 0) opened += 1;
    const connection = idle.pop() ?? (await open());
    numbers += 1;
    sentAt.set(numbers, now());
    answers.push(
      connection.request(side.request(numbers)).then(
        ({ status }) => {
          if (status < 200 || status > 299) refused = true;
          idle.push(connection);
        },
        () => {
          refused = true;
        },
      ),
    );
  }
  const inTime = await Promise.race([
    Promise.all(answers).then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), ANSWERED_WITHIN_MS).unref()),
  ]);
  return { sentAt, keptUp: inTime && !refused && sentAt.size === perSecond * seconds };
}
