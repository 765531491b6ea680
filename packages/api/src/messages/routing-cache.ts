import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely, Transaction } from 'kysely';
import { LRUCache } from 'lru-cache';
import { keysIn } from '../agents/public-keys.ts';
import type { Choice } from './choose-connection.ts';

/** Memory (bytes) that remembered routing facts take, about; those that were not used for longest are forgotten first. */
const MAX_BYTES = 16_777_216;
/** What an object takes beside its texts. */
const OBJECT_BYTES = 200;

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

  /** @returns undefined when there is no such user. */
  async find(
    trx: Transaction<Schema>,
    senderId: string,
    recipient: string,
  ): Promise<RoutingFacts | undefined> {
    // Usernames are the same in any case, and must not be remembered in each.
    const name = `${senderId} ${recipient.toLowerCase()}`;
    const cached = this.#remembered.get(name);
    if (cached !== undefined) return cached;
    const found = await findRoutingFacts(trx, senderId, recipient);
    if (found !== undefined) this.#remembered.set(name, found);
    return found;
  }
}

/** @returns undefined when there is no such user. */
export async function findRoutingFacts(
  db: Kysely<Schema>,
  senderId: string,
  typed: string,
): Promise<RoutingFacts | undefined> {
  const recipient = await findUser(db, typed);
  if (recipient === undefined) return undefined;
  const [one, other] = senderId < recipient.id ? [senderId, recipient.id] : [recipient.id, senderId];
  const [friendship] = await friendshipOf(db, one, other);
  const choices = await connectionsOf(db, recipient.id);
  return {
    recipient,
    areFriends: friendship?.status === 'accepted',
    own: await ownConnectionsOf(db, senderId),
    choices: choices.map(toChoice),
  };
}

/** Capabilities are remembered as text, and read where a hint asks for them: as values they take many times as much. */
function toChoice({
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

/** Uses friendships_by_pair. */
const friendshipOf = statement<[userA: string, userB: string], { status: string }>(
  'select status from friendships where user_a = ? and user_b = ?',
);

/** A user's own connections. Uses connections_by_name. */
export const ownConnectionsOf = statement<[userId: string], OwnConnection>(`
  select id, framework, status, routing_priority, created_at from connections
  where user_id = ? and status <> 'deleted' and event_name is null`);

type StoredChoice = Omit<Choice, 'capabilities'> & {
  capabilities_json: string;
  public_keys_json: string | null;
};

/** Uses connections_by_name. */
const connectionsOf = statement<[userId: string], StoredChoice>(`
  select id, label, capabilities_json, routing_priority, status, created_at, public_keys_json from connections
  where user_id = ? and status <> 'deleted' and event_name is null and status in ('active', 'suspended')`);
