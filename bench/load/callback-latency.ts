import type { Receiver } from '../bare/receiver-client.ts';
import { beforeDeadline } from '../rig/deadline.ts';
import { type Pair, sendRequest } from '../rig/people.ts';
import { pace } from './pace.ts';

/** A callback that arrives later than this (ms) after the last send counts as lost. */
const LOST_AFTER_MS = 60_000;

export interface LatencyLoad {
  port: number;
  receiver: Receiver;
  perSecond: number;
  seconds: number;
  request(n: number): string;
}

/** Time (ms) of each message from its request to its callback. */
export async function callbackLatencies(load: LatencyLoad): Promise<number[]> {
  const count = load.perSecond * load.seconds;
  const { complete } = await load.receiver.expect(count);
  const { sentAt } = await pace(load);
  await beforeDeadline(complete, LOST_AFTER_MS, `The callbacks of ${count} messages`);
  return (await load.receiver.arrivals()).map(([n, at]) => at - (sentAt[n] ?? Number.NaN));
}

/** Sends through the API, the pairs in turn. */
export function throughApi(pairs: readonly Pair[]): (n: number) => string {
  return (n) => {
    const pair = pairs[n % pairs.length];
    if (pair === undefined) throw new Error('There must be somebody who sends.');
    return sendRequest(pair, n);
  };
}
