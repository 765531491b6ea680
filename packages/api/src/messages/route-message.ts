import { MahiloError } from '@mahilo/shared/errors';
import type { Route } from './accept.ts';
import type { AnsweredAgent } from './answered-agent.ts';
import { chooseConnection, ranked } from './choose-connection.ts';
import { assertCurrentKey } from './encryption.ts';
import type { RoutingFacts } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/**
 * Whether A may write to B, and which of B's connections takes the message.
 * @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS, CONNECTION_NOT_FOUND, NO_CONNECTIONS, STALE_KEY
 */
export function routeMessage(
  facts: RoutingFacts | undefined,
  send: Send,
  answered: AnsweredAgent | undefined,
): Route {
  if (facts === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  const { recipient, areFriends, own, choices } = facts;
  if (!areFriends) throw new MahiloError('NOT_FRIENDS', 'You can only write to your friends.');
  const reply = answered?.user_id === recipient.id ? answered.connection_id : undefined;
  const choice = chosen(choices, send, reply);
  assertCurrentKey(send, choice.encryptionKey);
  return {
    recipientId: recipient.id,
    recipient: recipient.username,
    ...senderOf(own, send.sender_connection_id),
    targets: [{ recipientId: recipient.id, connectionId: choice.id }],
  };
}

function chosen(
  choices: RoutingFacts['choices'],
  send: Send,
  answered: string | undefined,
): RoutingFacts['choices'][number] {
  if (send.recipient_connection_id !== undefined) {
    const named = choices.find((choice) => choice.id === send.recipient_connection_id);
    if (named) return named;
    throw new MahiloError(
      'CONNECTION_NOT_FOUND',
      'recipient_connection_id is no active connection of the recipient.',
    );
  }
  const best = chooseConnection(choices, send.routing_hints, answered);
  if (best) return best;
  throw new MahiloError('NO_CONNECTIONS', 'The recipient has no active agent connection.');
}

/**
 * In whose name somebody with these connections sends: of the named one, else of their best.
 * @throws MahiloError CONNECTION_NOT_FOUND
 */
export function senderOf(
  own: RoutingFacts['own'],
  connectionId: string | undefined,
): Pick<Route, 'senderAgent' | 'senderConnectionId'> {
  if (connectionId === undefined) {
    const active = own.filter((connection) => connection.status === 'active');
    const [best] = ranked(own.filter(({ status }) => status === 'active' || status === 'suspended'));
    const framework = active.length === 1 ? active[0]?.framework : undefined;
    return { senderAgent: framework ?? 'agent', senderConnectionId: best?.id ?? null };
  }
  const named = own.find((connection) => connection.id === connectionId);
  if (named) return { senderAgent: named.framework, senderConnectionId: named.id };
  throw new MahiloError('CONNECTION_NOT_FOUND', 'sender_connection_id is not one of your connections.');
}
