import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import type { OutboxState, RecipientType } from '@mahilo/shared/db/schema';
import { type RawBuilder, sql } from 'kysely';
import {
  type Counterpart,
  CounterpartFields,
  counterpartIn,
  isAbout,
  isWith,
} from '../conversations/counterpart.ts';
import { exampleId, oneOf } from '../http/fields.ts';
import { parseSince, SINCE } from '../http/since.ts';
import { Type } from '../http/type.ts';

/** Which deliveries are meant; what is undefined says nothing. */
export interface DeliveryFilter {
  states?: readonly OutboxState[] | undefined;
  connectionId?: string | undefined;
  direction?: 'sent' | 'received' | undefined;
  with?: Counterpart | undefined;
  /** Accepted at this time (ms) or later. */
  since?: number | undefined;
  /** How the latest attempt ended. */
  outcome?: AttemptOutcome | undefined;
  /** An empty one: those without. */
  correlationId?: string | undefined;
  /** Leaves out those of erased messages. */
  hasText?: boolean;
}

/** The fields of a request that say it. */
export const DeliveryFilterFields = {
  connection_id: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'Only those to this agent of yours.',
      examples: [exampleId('conn')],
    }),
  ),
  direction: Type.Optional(
    oneOf(['sent', 'received'], { description: 'Only those of your messages, or those to your agents.' }),
  ),
  ...CounterpartFields,
  since: Type.Optional(
    Type.String({
      description: 'Only what was accepted since: ISO 8601, or Unix seconds or milliseconds.',
      ...SINCE,
    }),
  ),
  outcome: Type.Optional(
    oneOf(ATTEMPT_OUTCOMES, { description: 'Only those whose latest attempt ended like this.' }),
  ),
  correlation_id: Type.Optional(
    Type.String({
      maxLength: 255,
      description: 'Only those of messages with this correlation id; empty: of those without one.',
      examples: ['dinner on Friday'],
    }),
  ),
};

interface Requested {
  connection_id?: string;
  direction?: 'sent' | 'received';
  with?: string;
  with_type?: RecipientType;
  since?: string;
  outcome?: AttemptOutcome;
  correlation_id?: string;
}

/** What a request means. @throws MahiloError INVALID_SINCE */
export function deliveryFilterIn(requested: Requested): DeliveryFilter {
  const { connection_id, direction, since, outcome, correlation_id } = requested;
  return {
    connectionId: connection_id,
    direction,
    with: counterpartIn(requested),
    since: since === undefined ? undefined : parseSince(since),
    outcome,
    correlationId: correlation_id,
  };
}

/** The filter as conditions on outbox and messages, joined. None: it is met by all. */
export function conditionsOf(filter: DeliveryFilter, userId: string): RawBuilder<boolean>[] {
  const { states, connectionId, with: counterpart, since, outcome, correlationId, hasText } = filter;
  return [
    ...(states === undefined ? [] : [sql<boolean>`outbox.state in (${sql.join(states)})`]),
    ...(connectionId === undefined ? [] : [sql<boolean>`outbox.connection_id = ${connectionId}`]),
    ...(counterpart === undefined ? [] : [isWith(counterpart, userId)]),
    ...(since === undefined ? [] : [sql<boolean>`outbox.created_at >= ${since}`]),
    ...(outcome === undefined ? [] : [endedWith(outcome)]),
    ...(correlationId === undefined ? [] : [isAbout(correlationId)]),
    ...(hasText === true ? [sql<boolean>`messages.erased_at is null`] : []),
  ];
}

/** Uses the primary key. */
function endedWith(outcome: AttemptOutcome): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from delivery_attempts
    where delivery_id = outbox.id and attempt = outbox.attempts and outcome = ${outcome})`;
}
