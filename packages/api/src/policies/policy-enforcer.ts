import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { Kysely } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import { rolesGiven } from '../friends/friend-roles.ts';
import { findGroup } from '../groups/groups.ts';
import { distinctPatterns } from './content.ts';
import { type Judgement, judge, type Policy } from './judge.ts';
import { PatternTester } from './pattern-tester.ts';
import {
  anyPolicyOf,
  applies,
  type PolicyInForce,
  policiesToGroup,
  policiesToUser,
  usedPolicy,
} from './policies.ts';
import { parseRules } from './rules.ts';
import { DEFAULT_SELECTORS, type Selectors } from './selectors.ts';

/** What a policy reads of a message. */
export interface Outgoing {
  recipient: string;
  recipient_type?: 'user' | 'group';
  message: string;
  context?: string;
  payload_type?: string;
  encryption?: object;
  /** What kind of message it is said to be. */
  selectors?: Partial<Selectors>;
  /**
   * What its sender's agent has decided before: the group through which the message goes, and the policy that decided,
   * one use of which was taken then.
   */
  decision?: { group_id: string | null; winning_policy_id: string | null } | undefined;
}

/** Applies the sender's policies to messages before they are accepted; only in trusted mode. */
export class PolicyEnforcer {
  readonly #deps: Pick<ApiDeps, 'db' | 'settings' | 'clock'>;
  readonly #tester: PatternTester;

  constructor(deps: Pick<ApiDeps, 'db' | 'settings' | 'clock' | 'telemetry'>) {
    this.#deps = deps;
    this.#tester = new PatternTester(deps);
  }

  /**
   * What the policies say about a message; undefined where the registry does not judge.
   * @throws MahiloError as {@link PatternTester.test} does.
   */
  async judge(sender: User, outgoing: Outgoing): Promise<Judgement | undefined> {
    if (!this.#deps.settings.TRUSTED_MODE || isCiphertext(outgoing)) return undefined;
    const policies = await this.#policiesFor(sender, outgoing);
    const patterns = distinctPatterns(policies);
    const question = { patterns, text: outgoing.message };
    return judge(policies, {
      message: outgoing.message,
      context: outgoing.context,
      recipientNames: policies.length > 0 ? await this.#namesOf(outgoing) : [],
      matched: patterns.length > 0 ? await this.#tester.test(sender.id, question) : new Set(),
    });
  }

  close(): Promise<void> {
    return this.#tester.close();
  }

  async #policiesFor(sender: User, outgoing: Outgoing): Promise<Policy[]> {
    const { kysely } = this.#deps.db;
    const rows =
      outgoing.recipient_type === 'group'
        ? await policiesToGroup(kysely, sender.id, outgoing.recipient)
        : await policiesToPerson(kysely, sender.id, outgoing.recipient);
    if (outgoing.decision) rows.push(...(await this.#policiesOf(sender, outgoing.decision, rows)));
    if (rows.length === 0) return [];
    const selectors = { ...DEFAULT_SELECTORS, ...outgoing.selectors };
    const now = this.#deps.clock.now();
    return rows.flatMap(({ content, ...policy }) => {
      if (!applies(policy, selectors, now)) return [];
      const parsed = parseRules(content);
      return 'rules' in parsed ? [{ ...policy, rules: parsed.rules }] : [];
    });
  }

  /** The policies that a decision adds: those of its group, and the one that decided, though it may be used up by now. */
  async #policiesOf(
    sender: User,
    { group_id: groupId, winning_policy_id: winner }: NonNullable<Outgoing['decision']>,
    known: readonly PolicyInForce[],
  ): Promise<PolicyInForce[]> {
    const { kysely } = this.#deps.db;
    const both = groupId === null ? [] : await policiesToGroup(kysely, sender.id, groupId);
    const ofGroup = both.filter(({ scope }) => scope === 'group');
    const hasWinner = [...known, ...ofGroup].some(({ id }) => id === winner);
    const decisive = winner === null || hasWinner ? [] : await usedPolicy(kysely, winner);
    return [...ofGroup, ...decisive];
  }

  /** A user's name is the username; a group's are its id and its name. */
  async #namesOf({ recipient, recipient_type, decision }: Outgoing): Promise<string[]> {
    const groupId = recipient_type === 'group' ? recipient : decision?.group_id;
    const group = groupId == null ? undefined : await findGroup(this.#deps.db.kysely, groupId);
    return [recipient, ...(group ? [group.id, group.name] : [])].map((name) => name.toLowerCase());
  }
}

/** None to somebody who does not exist: nothing is sent to them either. */
async function policiesToPerson(db: Kysely<Schema>, senderId: string, username: string) {
  // Most people have none, and pay for no more than this.
  if ((await anyPolicyOf(db, senderId)).length === 0) return [];
  const recipient = await findUser(db, username);
  if (recipient === undefined) return [];
  const roles = await rolesGiven(db, senderId, recipient.id);
  return policiesToUser(db, senderId, { id: recipient.id, roles });
}
