import type { Answer, Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { Surroundings } from '../world/surroundings.ts';

/** Far less than a poll waits: an earlier answer is not a timeout of the poll. */
const AT_ONCE_MS = 25_000;

export interface Fetched {
  message_id: string;
  delivery_id: string;
  message: string;
}

export interface Scene<W extends Surroundings = Surroundings> {
  world: W;
  ann: Client;
  ben: Client;
  connectionId: string;
}

/** Ann, and her friend Ben, whose agent polls, in a world that tests share. */
export async function sceneIn<W extends Surroundings>(world: W): Promise<Scene<W>> {
  const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
  await ann.befriend(ben);
  return { world, ann, ben, connectionId: await ben.connectPolling() };
}

export const textsOf = (fetched: readonly Fetched[]) => fetched.map(({ message }) => message);

interface Poll {
  answer: Promise<Answer>;
  abort(): void;
}

/** Starts a poll on an empty inbox, and resolves when it waits. */
export async function waitingPoll(
  { world, connectionId }: Scene,
  client: Client,
  query = 'wait=30',
): Promise<Poll> {
  await world.store.query('update lanes set last_seen = null where connection_id = ?', connectionId);
  const abort = new AbortController();
  const answer = client.call('GET', `/inbox?${query}`, undefined, {}, abort.signal);
  answer.catch(() => undefined);
  const looked = 'select 1 as one from lanes where connection_id = ? and last_seen is not null';
  await eventually(async () => (await world.store.query(looked, connectionId)).length > 0);
  return { answer, abort: () => abort.abort() };
}

/** Resolves with the answer of a poll. @throws Error when it does not come long before the timeout of the poll. */
export async function atOnce<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('The poll was not answered at once.')), AT_ONCE_MS);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

export const expireLeases = ({ world, connectionId }: Scene) =>
  world.store.query(
    "update outbox set lease_expires_at = 1 where connection_id = ? and state = 'leased'",
    connectionId,
  );

/** Fetches and acknowledges, as a careful agent does, until so many different messages came. */
export async function fetchAll(client: Client, count: number, got: string[] = []): Promise<string[]> {
  await eventually(async () => {
    const fetched: Fetched[] = await client.fetch('wait=1');
    got.push(...textsOf(fetched));
    await client.acknowledge(fetched);
    return new Set(got).size >= count;
  });
  return got;
}
