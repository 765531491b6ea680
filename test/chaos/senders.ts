import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../world/client.ts';
import { ask } from './ask.ts';
import type { Dice } from './dice.ts';
import type { Intent, Journal } from './journal.ts';

/** The share of messages that go to the group. */
const GROUP_SHARE = 0.1;
/** The share without an idempotency key: nothing but the registry itself can keep these from being stored twice. */
const KEYLESS_SHARE = 0.25;

/** The addressees of a sender: friends, and the group of all. */
export interface Circle {
  friends: readonly string[];
  groupId: string;
}

/**
 * One sender: a message at a time. Most have an idempotency key, and are repeated until they are acknowledged or `giveUp` says
 * that it is too late; the others are sent once. Without an answer the outcome is unknown, as after the crash of a client.
 */
export async function keepSending(
  from: Client,
  { friends, groupId }: Circle,
  journal: Journal,
  dice: Dice,
  options: { everyMs: number; stop: AbortSignal; giveUp: AbortSignal },
): Promise<void> {
  for (let n = 0; !options.stop.aborted; n++) {
    const key = `${from.username}-${n}`;
    const text = `${key} ${'·'.repeat(dice.between(0, 400))}`;
    const friend = dice.chance(GROUP_SHARE) ? undefined : dice.pick(friends);
    const recipients = friend === undefined ? friends : [friend];
    const isKeyed = !dice.chance(KEYLESS_SHARE);
    const intent: Intent = { key, isKeyed, recipients, message: text, contradicted: false };
    journal.intents.set(key, intent);
    const to =
      friend === undefined
        ? { recipient: groupId, recipient_type: 'group' }
        : { recipient: friend, recipient_type: 'user' };
    await send(from, intent, { ...to, message: text }, options.giveUp);
    await pause(dice.next() * 2 * options.everyMs);
  }
}

async function send(from: Client, intent: Intent, body: object, giveUp: AbortSignal): Promise<void> {
  const headers = intent.isKeyed ? { 'idempotency-key': intent.key } : {};
  while (!giveUp.aborted) {
    const sent = await ask(from, { method: 'POST', path: '/messages/send', body, headers }, giveUp);
    if (sent !== undefined) acknowledge(intent, sent);
    if (sent !== undefined || !intent.isKeyed) return;
  }
}

function acknowledge(intent: Intent, sent: { message_id: string }): void {
  intent.acknowledged ??= { messageId: sent.message_id, at: Date.now() };
  intent.contradicted ||= intent.acknowledged.messageId !== sent.message_id;
}
