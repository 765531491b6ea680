import { MahiloError } from '@mahilo/shared/errors';
import type { Route } from './accept.ts';
import { type Choice, chooseConnection } from './choose-connection.ts';
import type { RoutingFacts } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/**
 * Whether A may write to B, and which of B's connections takes the message.
 * @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS, CONNECTION_NOT_FOUND, NO_CONNECTIONS
 */
export function routeMessage(facts: RoutingFacts | undefined, send: Send): Route {
  if (facts === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  const { recipient, areFriends, own, choices } = facts;
  if (!areFriends) throw new MahiloError('NOT_FRIENDS', 'You can only write to your friends.');
  const senderAgent = senderAgentOf(own, send.sender_connection_id);
  return {
    recipientId: recipient.id,
    recipient: recipient.username,
    senderAgent,
    targets: [{ recipientId: recipient.id, connectionId: chosen(choices, send).id }],
  };
}

function chosen(choices: readonly Choice[], send: Send): Choice {
  if (send.recipient_connection_id !== undefined) {
    const named = choices.find((choice) => choice.id === send.recipient_connection_id);
    if (named) return named;
    throw new MahiloError(
      'CONNECTION_NOT_FOUND',
      'recipient_connection_id is no active connection of the recipient.',
    );
  }
  const best = chooseConnection(choices, send.routing_hints);
  if (best) return best;
  throw new MahiloError('NO_CONNECTIONS', 'The recipient has no active agent connection.');
}

/** The framework in whose name somebody with these connections sends. @throws MahiloError CONNECTION_NOT_FOUND */
export function senderAgentOf(own: RoutingFacts['own'], connectionId: string | undefined): string {
  if (connectionId === undefined) {
    const active = own.filter((connection) => connection.status === 'active');
    return (active.length === 1 ? active[0]?.framework : undefined) ?? 'agent';
  }
  const named = own.find((connection) => connection.id === connectionId);
  if (named) return named.framework;
  throw new MahiloError('CONNECTION_NOT_FOUND', 'sender_connection_id is not one of your connections.');
}
