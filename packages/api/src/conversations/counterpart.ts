import type { RecipientType } from '@mahilo/shared/db/schema';
import { type RawBuilder, sql } from 'kysely';
import { oneOf } from '../http/fields.ts';
import { Type } from '../http/type.ts';

/** Whom a conversation is with. */
export interface Counterpart {
  type: RecipientType;
  /** A username, or the id of a group. */
  name: string;
}

/** The fields of a request that name one. A username may look like the id of a group. */
export const CounterpartFields = {
  with: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Only what went between you and this person (a username), or through this group (its id).',
      examples: ['ben'],
    }),
  ),
  with_type: Type.Optional(oneOf(['user', 'group'], { description: 'What `with` names. Default `user`.' })),
};

/** Whom a request names; undefined: nobody. */
export function counterpartIn(request: {
  with?: string;
  with_type?: RecipientType;
}): Counterpart | undefined {
  const { with: name, with_type: type = 'user' } = request;
  return name === undefined ? undefined : { type, name: type === 'user' ? name.toLowerCase() : name };
}

/** Whom a message of `messages` is with, as one of its parties sees it. */
export function counterpartOf(userId: string): RawBuilder<string> {
  return sql<string>`case when messages.recipient_type = 'group' or messages.sender_id = ${userId}
    then messages.recipient else messages.sender_username end`;
}

/** Whether a message of `messages` is part of a conversation of the user's. */
export function isWith({ type, name }: Counterpart, userId: string): RawBuilder<boolean> {
  return sql<boolean>`(messages.recipient_type = ${type} and ${counterpartOf(userId)} = ${name})`;
}

/** Whether a message of `messages` has this correlation id; an empty one: none. */
export function isAbout(correlationId: string): RawBuilder<boolean> {
  return correlationId === ''
    ? sql<boolean>`messages.correlation_id is null`
    : sql<boolean>`messages.correlation_id = ${correlationId}`;
}
