import { isoTime } from '@mahilo/shared/clock';
import type { PolicyRow } from '../policies/policies.ts';

/** A policy as an agent evaluates it. @param direction of the message; what applies to any applies to this one. */
export function bundledPolicy(row: PolicyRow, direction: string) {
  const { content, learning_provenance_json: learned } = row;
  return {
    id: row.id,
    scope: row.scope,
    target_id: row.target_id,
    direction: row.direction ?? direction,
    resource: row.resource,
    action: row.action,
    effect: row.effect,
    evaluator: row.evaluator,
    policy_content: row.evaluator === 'llm' ? content : JSON.parse(content),
    effective_from: timeOrNull(row.effective_from),
    expires_at: timeOrNull(row.expires_at),
    max_uses: row.max_uses,
    remaining_uses: row.remaining_uses,
    source: row.source,
    derived_from_message_id: row.derived_from_message_id,
    learning_provenance: learned === null ? null : JSON.parse(learned),
    priority: row.priority,
    created_at: isoTime(row.created_at),
  };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
