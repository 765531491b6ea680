import type { Client } from '../world/client.ts';
import type { Dice } from './dice.ts';
import type { Intent, Journal } from './journal.ts';

const PATIENCE_MS = 5000;
const AGAIN_MS = 100;

/**
 * One sender: a message at a time, each with an idempotency key, tried until it is acknowledged or `signal` says that it
 * is too late: then its outcome is unknown, as it is for a client that crashes.
 */
export async function keepSending(
  from: Client,
  recipients: readonly string[],
  journal: Journal,
  dice: Dice,
  options: { everyMs: number; stop: AbortSignal; giveUp: AbortSignal },
): Promise<void> {
  for (let n = 0; !options.stop.aborted; n++) {
    const key = `${from.username}-${n}`;
    const text = `${key} ${'·'.repeat(dice.between(0, 400))}`;
    const intent: Intent = { key, recipient: dice.pick(recipients), message: text, contradicted: false };
    journal.intents.set(key, intent);
    await sendUntilAcknowledged(from, intent, options.giveUp);
    await pause(dice.next() * 2 * options.everyMs);
  }
}

async function sendUntilAcknowledged(from: Client, intent: Intent, giveUp: AbortSignal): Promise<void> {
  const body = { recipient: intent.recipient, message: intent.message };
  while (!giveUp.aborted) {
    try {
      const patience = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), giveUp]);
      const answer = await from.call(
        'POST',
        '/messages/send',
        body,
        { 'idempotency-key': intent.key },
        patience,
      );
      if (answer.status === 200) {
        acknowledge(intent, answer.json);
        return;
      }
      if (answer.status < 500)
        throw new Error(`Refused for good: ${answer.status} ${JSON.stringify(answer.json)}`);
    } catch (error) {
      // Only the network may fail here; what the API refuses for good is a fault of the harness or the product.
      if (error instanceof Error && error.message.startsWith('Refused')) throw error;
    }
    await pause(AGAIN_MS);
  }
}

function acknowledge(intent: Intent, sent: { message_id: string; delivery_id: string }): void {
  intent.acknowledged ??= { messageId: sent.message_id, deliveryId: sent.delivery_id, at: Date.now() };
  intent.contradicted ||= intent.acknowledged.messageId !== sent.message_id;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
