import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely, Transaction } from 'kysely';
import type { Choice } from './choose-connection.ts';

/** Routing facts remembered at once; when there are more, all are forgotten and come back as they are used. */
const MAX_REMEMBERED = 10_000;

/** What decides whether A may write to B, from which of A's agents, and to which of B's. */
export interface RoutingFacts {
  recipient: User;
  areFriends: boolean;
  /** Connections of the sender. */
  own: readonly { id: string; framework: string; status: string }[];
  /** Connections of the recipient that take messages. */
  choices: readonly Choice[];
}

/**
 * Who writes to whom, remembered: it is asked for each message and changes seldom. What was read under one
 * access version holds while that version stands in the database, whichever process changes it.
 */
export class RoutingCache {
  readonly #remembered = new Map<string, RoutingFacts>();
  #version: number | undefined;

  /** What is remembered holds no longer when the access version of the transaction is another one. */
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
    const name = `${senderId} ${recipient}`;
    const cached = this.#remembered.get(name);
    if (cached !== undefined) return cached;
    const found = await findRoutingFacts(trx, senderId, recipient);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    if (found !== undefined) this.#remembered.set(name, found);
    return found;
  }
}

async function findRoutingFacts(
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
    own: await frameworksOf(db, senderId),
    choices: choices.map(({ capabilities_json, ...connection }) => ({
      ...connection,
      capabilities: JSON.parse(capabilities_json),
    })),
  };
}

/** Uses friendships_by_pair. */
const friendshipOf = statement<[userA: string, userB: string], { status: string }>(
  'select status from friendships where user_a = ? and user_b = ?',
);

/** A user's own connections. Uses connections_by_name. */
export const frameworksOf = statement<[userId: string], { id: string; framework: string; status: string }>(
  "select id, framework, status from connections where user_id = ? and status <> 'deleted'",
);

/** Uses connections_by_name. */
const connectionsOf = statement<
  [userId: string],
  Omit<Choice, 'capabilities'> & { capabilities_json: string }
>(`
  select id, label, capabilities_json, routing_priority, status, created_at from connections
  where user_id = ? and status <> 'deleted' and status in ('active', 'suspended')`);
