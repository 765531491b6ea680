import type { NewEvent } from './append.ts';

/** A delivery that its recipient gets an event for. */
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

/** The event of a message that was accepted or is resent, with the same fields. */
export function messageReceived(delivery: ReceivedDelivery): NewEvent {
  return {
    userId: delivery.recipient_id,
    type: 'message_received',
    data: {
      message_id: delivery.message_id,
      delivery_id: delivery.delivery_id,
      sender: delivery.sender,
      connection_id: delivery.connection_id,
      correlation_id: delivery.correlation_id ?? undefined,
      group_id: delivery.group_id ?? undefined,
      group_name: delivery.group_name ?? undefined,
    },
  };
}
