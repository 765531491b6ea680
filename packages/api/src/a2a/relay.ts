import { statement } from '@mahilo/shared/db/statement';
import { own } from '@mahilo/shared/outbox/lease';
import { settleIfLeased } from '@mahilo/shared/outbox/settle';
import type { Caller } from '../access/caller.ts';
import { covers } from '../access/scopes.ts';
import { standingAgent } from '../agents/standing-agent.ts';
import type { ApiDeps } from '../deps.ts';
import { INBOX_OWNER } from '../inbox/inboxes.ts';
import type { CalledAgent } from './agent.ts';

const RELAY = { framework: 'a2a', label: 'relay' } as const;
/** Below that of every agent that somebody connects: whatever is no answer goes to another one, if there is one. */
const LAST = -1;
/** Answers to one task that are settled; what comes after so many waits in the relay as anything else. */
const MAX_ANSWERS = 100;

/**
 * The connection in whose name a caller calls agents, and which their answers come to. Nobody has to poll it: a task reads
 * its answer from the messages.
 * @returns its id.
 * @throws MahiloError QUOTA_EXCEEDED, UNAUTHORIZED
 */
export function relayOf(deps: ApiDeps, caller: Caller): Promise<string> {
  return standingAgent(deps, caller, {
    ...RELAY,
    mode: 'polling',
    routing_priority: LAST,
    description: 'Takes the answers to what was asked by A2A.',
  });
}

/**
 * Settles the answers to a task that wait in the relay: their reader has them. What goes to another agent of the caller's
 * is that agent's business, what somebody has fetched is for them to acknowledge, and a key that may only read settles nothing.
 */
export async function settleAnswers(
  deps: ApiDeps,
  caller: Caller,
  agent: CalledAgent,
  taskId: string,
): Promise<void> {
  const { db, clock, random } = deps;
  if (caller.connectionId !== null || !covers(caller, 'POST /inbox/ack')) return;
  const answers = [taskId, caller.id, agent.friend.id, RELAY.framework, RELAY.label] as const;
  if ((await waiting(db.kysely, ...answers)).length === 0) return;
  await db.write(caller, async (trx) => {
    const now = clock.now();
    const token = random.bytes(16).toString('base64url');
    const rows = await waiting(trx, ...answers);
    for (const { id } of rows) await own(trx, token, INBOX_OWNER, now, id);
    const attempt = {
      startedAt: now,
      durationMs: 0,
      outcome: 'delivered',
      statusCode: null,
      responseExcerpt: null,
    } as const;
    const settlements = rows.map(({ id }) => ({
      delivery: { id, lease_token: token },
      state: 'delivered' as const,
      dueAt: now,
      error: null,
      attempt,
    }));
    await settleIfLeased(trx, settlements, now);
  });
}

/** Looks at the first answers alone, however many there are. Uses messages_answers, outbox_by_message and the primary key. */
const waiting = statement<
  [messageId: string, recipientId: string, senderId: string, framework: string, label: string],
  { id: string }
>(
  ({ arrival }) => `
  select outbox.id from outbox join connections on connections.id = outbox.connection_id
  where outbox.message_id in (
      select id from messages
      where in_response_to = ? and recipient_id = ? and sender_id = ? and rejection_reason is null
      order by ${arrival('messages')} limit ${MAX_ANSWERS})
    and outbox.state = 'pending'
    and connections.framework = ? and connections.label = ? and connections.mode = 'polling'`,
);
