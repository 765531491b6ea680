import type { NewEvent } from './append.ts';

/** A delivery that its recipient is told of. */
export interface ReceivedDelivery {
  recipient_id: string;
  message_id: string;
  delivery_id: string;
  /** The sender's username. */
  sender: string;
  connection_id: string;
  correlation_id: string | null;
  group_id?: string | null;
  group_name?: string | null;
}

/** The event of a message that was accepted, or is sent again: the same fields, whichever it is. */
export function messageReceived({ recipient_id: userId, ...delivery }: ReceivedDelivery): NewEvent {
  const { message_id, delivery_id, sender, connection_id, correlation_id, group_id, group_name } = delivery;
  return {
    userId,
    type: 'message_received',
    data: {
      message_id,
      delivery_id,
      sender,
      connection_id,
      correlation_id: correlation_id ?? undefined,
      group_id: group_id ?? undefined,
      group_name: group_name ?? undefined,
    },
  };
}
