import { setImmediate as turn } from 'node:timers/promises';
import { isoTime } from '@mahilo/shared/clock';
import type { PolicyEffect } from '@mahilo/shared/db/schema';
import type { PolicyRow } from '../policies/policies.ts';
import { parseRules } from '../policies/rules.ts';
import { agentsRules } from './agents-rules.ts';

/** For what message policies are bundled. */
export interface Bundled {
  direction: string;
  /** The names of the group that it goes to, in lower case, if it goes to one. */
  groupNames: readonly string[];
  /** Whether the registry judges for itself what agents cannot. */
  isTrusted: boolean;
}

export type BundledPolicy = NonNullable<ReturnType<typeof bundledPolicy>>;

/** A policy as an agent evaluates it; undefined when it has nothing to say to one. */
export function bundledPolicy(row: PolicyRow, bundled: Bundled) {
  const said = saidToAgents(row, bundled);
  if (said === undefined) return undefined;
  const { learning_provenance_json: learned } = row;
  return {
    id: row.id,
    scope: row.scope,
    target_id: row.target_id,
    // What applies to any direction applies to this one.
    direction: row.direction ?? bundled.direction,
    resource: row.resource,
    action: row.action,
    effect: said.effect,
    evaluator: row.evaluator,
    policy_content: said.content,
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

/** Bytes of policies that are put into the form of agents for the price of one request: some 10 ms. */
const BYTES_PER_REQUEST = 32_768;

/** How many requests it costs to put policies into the form of agents. */
export function costOf(rows: readonly PolicyRow[]): number {
  return Math.ceil(rows.reduce((bytes, { content }) => bytes + content.length, 0) / BYTES_PER_REQUEST);
}

/** Policies as an agent evaluates them, by their row. Lets others run in between. */
export async function bundledPolicies(
  rows: readonly PolicyRow[],
  bundled: Bundled,
): Promise<Map<PolicyRow, BundledPolicy>> {
  const policies = new Map<PolicyRow, BundledPolicy>();
  for (const row of rows) {
    if (row.content.length > LONG) await turn();
    const policy = bundledPolicy(row, bundled);
    if (policy !== undefined) policies.set(row, policy);
  }
  return policies;
}

/** From this length on a policy may have so many patterns that they take a millisecond. */
const LONG = 1000;

interface Said {
  effect: PolicyEffect;
  content: string | object;
}

/**
 * What of a policy agents evaluate. One that they cannot evaluate asks, rather than that they pass it over; in trusted
 * mode the registry judges it when the message is sent.
 */
function saidToAgents({ evaluator, effect, content }: PolicyRow, bundled: Bundled): Said | undefined {
  if (evaluator === 'llm') return { effect, content };
  const parsed = parseRules(content);
  if ('mistakes' in parsed) return undefined;
  const rules = agentsRules(parsed.rules, bundled.groupNames);
  if (rules === 'never') return undefined;
  if (rules === 'always') return { effect, content: {} };
  if (rules !== 'unknown') return { effect, content: rules.rules };
  return bundled.isTrusted || effect === 'allow' ? undefined : { effect: 'ask', content: {} };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
