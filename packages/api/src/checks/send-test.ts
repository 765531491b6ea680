import { MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import { findOwnAgent } from '../agents/connections.ts';
import { noSuchAgent } from '../agents/refusals.ts';
import { nothingTaken } from '../bounds/send-quota.ts';
import { acceptMessages } from '../messages/accept.ts';
import type { AcceptorDeps } from '../messages/acceptors.ts';

const TEXT = 'A test message: you have sent it to yourself. If you read this, the way to your agent works.';
/** As which agent it is sent. */
const SENDER_AGENT = 'test';

/**
 * Sends the caller's agent a message from the caller, over the way that every message takes.
 * @returns the ids of the message and its delivery.
 * @throws MahiloError NOT_FOUND, CONNECTION_INACTIVE, QUOTA_EXCEEDED
 */
export async function sendTest(
  deps: AcceptorDeps,
  caller: Caller,
  agentId: string,
): Promise<{ message_id: string; delivery_id: string }> {
  await deps.quota.refresh(caller.id);
  const { id: recipientId, username: recipient } = caller;
  const taken = nothingTaken();
  const sent = await deps.db.write(caller, async (trx) => {
    const agent = await findOwnAgent(trx, recipientId, agentId);
    if (agent === undefined) throw noSuchAgent();
    if (agent.status === 'inactive') {
      const sentence = 'The agent is inactive, because it answered 410 Gone: connect it again first.';
      throw new MahiloError('CONNECTION_INACTIVE', sentence);
    }
    const send = { recipient, message: TEXT };
    const request = {
      sender: caller,
      send,
      idempotency: undefined,
      violation: undefined,
      policyUsed: undefined,
      taken,
    };
    const [outcome] = await acceptMessages(deps, trx, [request], async () => ({
      recipientId,
      recipient,
      senderAgent: SENDER_AGENT,
      senderConnectionId: null,
      targets: [{ recipientId, connectionId: agent.id }],
    }));
    if (outcome?.ok !== true) throw outcome?.error;
    const { message_id, delivery_id } = outcome.value;
    if (delivery_id === null) throw new Error('Nobody judges a test message.');
    return { message_id, delivery_id };
  });
  deps.telemetry.messageAccepted();
  return sent;
}
