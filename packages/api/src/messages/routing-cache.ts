import { findUsers, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { type Statement, statement } from '@mahilo/shared/db/statement';
import { each, Rows } from '@mahilo/shared/db/words/rows';
import type { Kysely, Transaction } from 'kysely';
import { LRUCache } from 'lru-cache';
import { keysIn } from '../agents/public-keys.ts';
import type { Choice } from './choose-connection.ts';

/** Memory (bytes) that remembered routing facts take, about; those that were not used for longest are forgotten first. */
const MAX_BYTES = 16_777_216;
/** What an object takes beside its texts. */
const OBJECT_BYTES = 200;
/** Pairs that are looked up with one statement of each kind: more could take much memory at once. */
const PIECE = 16;

/** A connection that somebody may send in the name of. */
export interface OwnConnection {
  id: string;
  framework: string;
  status: string;
  routing_priority: number;
  created_at: number;
}

/** What decides whether A may write to B, from which of A's agents, and to which of B's. */
export interface RoutingFacts {
  recipient: User;
  areFriends: boolean;
  /** Connections of the sender. */
  own: readonly OwnConnection[];
  /** Connections of the recipient that take messages. */
  choices: readonly RememberedChoice[];
}

/** Who wants to write to whom. */
export interface Pair {
  senderId: string;
  /** A username as somebody typed it. */
  recipient: string;
}

/**
 * Caches who may write to whom: each message needs it, and it changes seldom. An entry is valid while its access
 * version stands in the database, whichever process changes that.
 */
export class RoutingCache {
  readonly #remembered = new LRUCache<string, RoutingFacts>({
    maxSize: MAX_BYTES,
    sizeCalculation: weightOf,
  });
  #version: number | undefined;

  /** Empties the cache when the transaction has another access version. */
  refresh(accessVersion: number): void {
    if (accessVersion === this.#version) return;
    this.#remembered.clear();
    this.#version = accessVersion;
  }

  /**
   * Looks up what is not in the cache of these pairs, all together. What has no room there, and users that do not exist,
   * `find` looks up again.
   */
  async learn(trx: Transaction<Schema>, pairs: Iterable<Pair>): Promise<void> {
    const missing = new Map<string, Pair>();
    for (const pair of pairs) {
      const name = nameOf(pair);
      if (!this.#remembered.has(name)) missing.set(name, pair);
    }
    if (missing.size < 2) return;
    const named = [...missing];
    for (let from = 0; from < named.length; from += PIECE) {
      const piece = named.slice(from, from + PIECE);
      const found = await factsOf(
        trx,
        piece.map(([, pair]) => pair),
      );
      for (const [i, [name]] of piece.entries()) {
        const facts = found[i];
        if (facts !== undefined) this.#remembered.set(name, facts);
      }
    }
  }

  /** @returns undefined when there is no such user. */
  find(trx: Transaction<Schema>, pair: Pair): RoutingFacts | Promise<RoutingFacts | undefined> {
    const name = nameOf(pair);
    return this.#remembered.get(name) ?? this.#lookUp(trx, name, pair);
  }

  async #lookUp(trx: Transaction<Schema>, name: string, pair: Pair): Promise<RoutingFacts | undefined> {
    const [found] = await factsOf(trx, [pair]);
    if (found !== undefined) this.#remembered.set(name, found);
    return found;
  }
}

/** Usernames are the same in any case, and must not be remembered in each. */
function nameOf({ senderId, recipient }: Pair): string {
  return `${senderId} ${recipient.toLowerCase()}`;
}

/** @returns undefined when there is no such user. */
export async function findRoutingFacts(
  db: Kysely<Schema>,
  senderId: string,
  recipient: string,
): Promise<RoutingFacts | undefined> {
  const [found] = await factsOf(db, [{ senderId, recipient }]);
  return found;
}

/** The facts of pairs, in their order; undefined where there is no such user. Four statements, for however many pairs. */
async function factsOf(
  db: Kysely<Schema>,
  pairs: readonly Pair[],
): Promise<readonly (RoutingFacts | undefined)[]> {
  const users = await findUsers(
    db,
    pairs.map(({ recipient }) => recipient),
  );
  const known = pairs.flatMap((pair) => {
    const recipient = users.get(pair.recipient.toLowerCase());
    return recipient === undefined ? [] : [{ ...pair, recipient }];
  });
  if (known.length === 0) return pairs.map(() => undefined);
  const friends = await friendsAmong(db, known);
  const own = await byUser(
    ownConnectionsAmong,
    db,
    known.map(({ senderId }) => senderId),
  );
  const choices = await byUser(
    choicesAmong,
    db,
    known.map(({ recipient }) => recipient.id),
  );
  return pairs.map(({ senderId, recipient: typed }) => {
    const recipient = users.get(typed.toLowerCase());
    if (recipient === undefined) return undefined;
    return {
      recipient,
      areFriends: friends.has(sortedPair(senderId, recipient.id)),
      own: own.get(senderId) ?? [],
      choices: (choices.get(recipient.id) ?? []).map(toChoice),
    };
  });
}

/** The rows of users, each user's under their id. */
async function byUser<Row extends { user_id: string }>(
  among: Statement<[userIds: string], Row>,
  db: Kysely<Schema>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Row[]>> {
  const rows = await among(db, JSON.stringify([...new Set(userIds)]));
  return Map.groupBy(rows, (row) => row.user_id);
}

/** Capabilities are remembered as text, and read where a hint asks for them: as values they take many times as much. */
function toChoice({
  user_id: _,
  capabilities_json: text,
  public_keys_json: keys,
  ...connection
}: StoredChoice): RememberedChoice {
  return {
    ...connection,
    textLength: text.length,
    encryptionKey: keysIn(keys).find(({ use }) => use === 'enc')?.kid,
    get capabilities() {
      return JSON.parse(text);
    },
  };
}

interface RememberedChoice extends Choice {
  textLength: number;
  /** The thumbprint of its X25519 key. */
  encryptionKey: string | undefined;
}

/** About how many bytes it takes; two for each character. */
function weightOf({ own, choices }: RoutingFacts): number {
  let bytes = (1 + own.length + choices.length) * OBJECT_BYTES;
  for (const { id, framework } of own) bytes += 2 * (id.length + framework.length);
  for (const { id, label, textLength, encryptionKey = '' } of choices)
    bytes += 2 * (id.length + label.length + textLength + encryptionKey.length);
  return bytes;
}

/** Those of the pairs who are friends. */
async function friendsAmong(
  db: Kysely<Schema>,
  pairs: readonly { senderId: string; recipient: User }[],
): Promise<ReadonlySet<string>> {
  const sorted = pairs.map(({ senderId, recipient: { id } }) =>
    senderId < id ? { one: senderId, other: id } : { one: id, other: senderId },
  );
  const rows = await friendships(db, JSON.stringify(sorted));
  return new Set(rows.map(({ user_a, user_b }) => sortedPair(user_a, user_b)));
}

function sortedPair(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

const PAIRS = new Rows<{ one: string; other: string }>('pair', { one: 'text', other: 'text' });

/** Uses friendships_by_pair. */
const friendships = statement<[pairs: string], { user_a: string; user_b: string }>(
  (words) => `
  select user_a, user_b from ${PAIRS.in(words)}
  ${words.joinInOrder} friendships on user_a = pair.one and user_b = pair.other
  where status = 'accepted'`,
);

/** A user's own connections. Uses connections_by_name. */
export const ownConnectionsOf = statement<[userId: string], OwnConnection>(`
  select id, framework, status, routing_priority, created_at from connections
  where user_id = ? and status <> 'deleted' and event_name is null`);

/** Uses connections_by_rank. */
const ownConnectionsAmong = statement<[userIds: string], OwnConnection & { user_id: string }>(
  (words) => `
  select user_id, connections.id, framework, status, routing_priority, created_at
  from ${each(words)} ${words.joinInOrder} connections on user_id = value
  where status <> 'deleted' and event_name is null`,
);

type StoredChoice = Omit<Choice, 'capabilities'> & {
  user_id: string;
  capabilities_json: string;
  public_keys_json: string | null;
};

/** Uses connections_by_rank. */
const choicesAmong = statement<[userIds: string], StoredChoice>(
  (words) => `
  select user_id, connections.id, label, capabilities_json, routing_priority, status, created_at, public_keys_json
  from ${each(words)} ${words.joinInOrder} connections on user_id = value
  where status <> 'deleted' and event_name is null and status in ('active', 'suspended')`,
);
