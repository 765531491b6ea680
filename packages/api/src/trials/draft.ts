import type { User } from '@mahilo/shared/accounts/users';
import type { PolicyScope } from '@mahilo/shared/db/schema';
import type { ApiDeps } from '../deps.ts';
import { invalidContent } from '../policies/content.ts';
import type { Policy } from '../policies/judge.ts';
import { assertTargetFits } from '../policies/manage.ts';
import { parseRules } from '../policies/rules.ts';
import type { NewPolicy } from '../policies/schemas.ts';
import { type Selectors, selects } from '../policies/selectors.ts';
import { targetOf } from '../policies/targets.ts';
import { invalidPolicy, newTerms } from '../policies/terms.ts';

/** The id of a policy that nobody has stored. */
export const DRAFT_ID = '';

/** To whom a message goes, as far as the scope of a policy asks. */
export interface Recipient {
  type: 'user' | 'group';
  id: string;
  /** Those that the sender has given them. */
  roles: readonly string[];
}

/** A policy as if it were stored and in force. */
export interface Draft {
  policy: Policy;
  /** Whether it is for this recipient, and for this kind of message. */
  isFor(recipient: Recipient, selectors: Selectors): boolean;
}

/**
 * Reads a policy that is to be tried.
 * @throws MahiloError as storing it would.
 */
export async function draftOf(
  { db, clock }: Pick<ApiDeps, 'db' | 'clock'>,
  user: User,
  request: NewPolicy,
): Promise<Draft> {
  assertTargetFits(request);
  const { scope } = request;
  const terms = newTerms(request);
  if (terms.evaluator === 'llm') {
    throw invalidPolicy('draft.evaluator', 'must be one with rules: the registry judges no prompts');
  }
  const parsed = parseRules(terms.content);
  if ('mistakes' in parsed) throw invalidContent(parsed.mistakes);
  const targetId = await targetOf(db.kysely, user.id, scope, request.target_id ?? null);
  return {
    policy: { ...terms, id: DRAFT_ID, scope, created_at: clock.now(), rules: parsed.rules },
    isFor: (recipient, selectors) => isAimedAt(scope, targetId, recipient) && selects(terms, selectors),
  };
}

function isAimedAt(scope: PolicyScope, targetId: string | null, { type, id, roles }: Recipient): boolean {
  if (scope === 'global') return true;
  if (scope === 'role') return type === 'user' && roles.includes(targetId ?? '');
  return type === scope && id === targetId;
}
