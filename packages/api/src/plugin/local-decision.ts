import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import type { PolicyRow } from '../policies/policies.ts';
import { type Asked, policiesFor, policiesOfGroup } from './applicable-policies.ts';
import { bundledPolicy } from './bundled-policy.ts';
import type { LocalDecision } from './commit-schemas.ts';

const MODES: Readonly<Record<LocalDecision['decision'], readonly LocalDecision['delivery_mode'][]>> = {
  allow: ['full_send'],
  ask: ['review_required', 'hold_for_approval'],
  deny: ['blocked'],
};

/** @throws MahiloError INVALID_LOCAL_DECISION when the delivery mode does not belong to the decision. */
export function assertPairing({ decision, delivery_mode }: LocalDecision): void {
  if (MODES[decision].includes(delivery_mode)) return;
  throw invalid('delivery_mode', `must be ${MODES[decision].join(' or ')} for ${decision}`);
}

export function reasonCodeOf({ decision, reason_code }: LocalDecision): string {
  return reason_code ?? `policy.${decision}.resolved`;
}

/** @throws MahiloError INVALID_LOCAL_DECISION when the diagnostics tell of another decision. */
export function assertAgreement(resolution_id: string, local: LocalDecision): void {
  const { decision, delivery_mode, diagnostics = {} } = local;
  const told = { resolution_id, decision, delivery_mode, reason_code: reasonCodeOf(local) };
  for (const [name, value] of Object.entries(told)) {
    const diagnosed = Object.hasOwn(diagnostics, name) ? Object(diagnostics)[name] : value;
    if (diagnosed !== value) throw invalid(`diagnostics.${name}`, 'is not that of the decision');
  }
}

/** Between whom a policy has decided. */
interface Parties {
  ownerId: string;
  recipientId: string;
  groupId: string | undefined;
}

/**
 * The policy that decided; undefined when none did.
 * @throws MahiloError LOCAL_DECISION_STALE when it does not apply any more, INVALID_LOCAL_DECISION when it decides
 *   otherwise.
 */
export async function winnerOf(
  db: Kysely<Schema>,
  { ownerId, recipientId, groupId }: Parties,
  { winning_policy_id: id, decision }: LocalDecision,
  asked: Asked,
  isTrusted: boolean,
): Promise<PolicyRow | undefined> {
  if (id === undefined) return undefined;
  const own = await policiesFor(db, ownerId, recipientId, asked);
  const ofGroup = groupId === undefined ? [] : await policiesOfGroup(db, groupId, asked);
  const winner = [...own, ...ofGroup].find((policy) => policy.id === id);
  if (winner === undefined) {
    throw new MahiloError('LOCAL_DECISION_STALE', 'The policy winning_policy_id does not apply any more.');
  }
  const bundled = { direction: asked.selectors.direction, groupNames: [], isTrusted };
  const effect = bundledPolicy(winner, bundled)?.effect ?? winner.effect;
  // A model that is missing or fails asks, whatever the effect of its policy.
  const isFallback = winner.evaluator === 'llm' && decision === 'ask';
  if (effect !== decision && !isFallback) throw invalid('winning_policy_id', `is a policy to ${effect}`);
  return winner;
}

function invalid(field: string, message: string): MahiloError {
  const path = `local_decision.${field}`;
  return new MahiloError('INVALID_LOCAL_DECISION', `${path} ${message}.`, { details: [{ path, message }] });
}
