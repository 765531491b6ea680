import { isoTime } from '@mahilo/shared/clock';
import type { ListedPolicy } from './policies.ts';

/** A policy as those whom it binds see it. */
export function toPolicy(row: ListedPolicy) {
  const time = (ms: number | null) => (ms === null ? undefined : isoTime(ms));
  return {
    id: row.id,
    scope: row.scope,
    target_id: row.target_id ?? undefined,
    target_name: row.target_name ?? undefined,
    evaluator: row.evaluator,
    policy_type: row.evaluator,
    effect: row.effect,
    direction: row.direction,
    resource: row.resource,
    action: row.action,
    policy_content: row.content,
    priority: row.priority,
    enabled: row.enabled === 1,
    source: row.source,
    effective_from: time(row.effective_from),
    expires_at: time(row.expires_at),
    max_uses: row.max_uses ?? undefined,
    remaining_uses: row.remaining_uses ?? undefined,
    derived_from_message_id: row.derived_from_message_id ?? undefined,
    learning_provenance:
      row.learning_provenance_json === null ? undefined : JSON.parse(row.learning_provenance_json),
    created_at: isoTime(row.created_at),
    updated_at: time(row.updated_at),
  };
}
