import { setTimeout as sleep } from 'node:timers/promises';
import { OwnConnection } from './connection.ts';
import type { ServerOptions } from './options.ts';
import { Servers } from './servers.ts';

const CHANNEL = 'mahilo_doctor';
/** How long (ms) a notification may take, and any other answer. */
const HEARD_WITHIN_MS = 2000;
const ANSWER_MS = 10_000;

/**
 * Whether a notification that is sent where a process writes arrives where it listens.
 * @throws ConnectionLost when one of both cannot be reached, and errors of the server.
 */
export async function hearsNotifications(
  url: string,
  { prepares, listenUrl = url }: Pick<ServerOptions, 'prepares' | 'listenUrl'>,
): Promise<boolean> {
  await using speaking = await own(url, prepares);
  await using listening = await own(listenUrl, prepares);
  const heard = new Promise<boolean>((resolve) => listening.it.onNotification(() => resolve(true)));
  await listening.it.connection.command(`listen ${CHANNEL}`);
  await speaking.it.connection.command(`notify ${CHANNEL}`);
  return Promise.race([heard, sleep(HEARD_WITHIN_MS, false)]);
}

async function own(url: string, prepares?: boolean) {
  const it = await OwnConnection.open(new Servers(url, prepares), ANSWER_MS);
  return { it, [Symbol.asyncDispose]: async () => it.close() };
}
