import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely } from 'kysely';
import type { DecisionRow } from '../decisions/decisions.ts';
import { findMessage } from '../messages/messages.ts';
import type { Committed } from './commit.ts';

const STATUS = {
  allowed: 'pending',
  review_required: 'review_required',
  approval_pending: 'approval_pending',
  denied: 'rejected',
  rejected: 'rejected',
  expired: 'rejected',
  sent: 'pending',
} as const satisfies Record<DecisionRow['state'], string>;

const SUMMARY: Readonly<Record<DecisionRow['decision'], string>> = {
  allow: 'The message may be sent.',
  ask: 'The message waits for a person to decide.',
  deny: 'The message is not sent.',
};

/** The answer to a commit. */
export async function toCommitted(db: Kysely<Schema>, { decision: row, isEarlier }: Committed) {
  const { decision, delivery_mode } = row;
  const sent = row.state === 'sent' ? await findMessage(db, row.message_id) : undefined;
  const status = sent?.status ?? STATUS[row.state];
  return {
    recorded: true as const,
    committed: true as const,
    ...(isEarlier && { deduplicated: true as const }),
    message_id: row.message_id,
    status,
    resolution: {
      resolution_id: row.resolution_id,
      decision,
      delivery_mode,
      summary: row.summary ?? SUMMARY[decision],
      reason_code: row.reason_code,
    },
    recipient_results: [{ recipient: row.recipient, decision, delivery_mode, delivery_status: status }],
  };
}
