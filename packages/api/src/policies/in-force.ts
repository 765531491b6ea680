import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import { rolesGiven } from '../friends/friend-roles.ts';
import { findGroup } from '../groups/groups.ts';
import type { Policy } from './judge.ts';
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

/** The policies with rules that are in force for a message of somebody's. */
export async function policiesInForce(
  { db, clock }: Pick<ApiDeps, 'db' | 'clock'>,
  sender: User,
  outgoing: Outgoing,
): Promise<Policy[]> {
  const { kysely } = db;
  const rows =
    outgoing.recipient_type === 'group'
      ? await policiesToGroup(kysely, sender.id, outgoing.recipient)
      : await policiesToPerson(kysely, sender.id, outgoing.recipient);
  if (outgoing.decision) rows.push(...(await policiesOf(kysely, sender, outgoing.decision, rows)));
  if (rows.length === 0) return [];
  const selectors = { ...DEFAULT_SELECTORS, ...outgoing.selectors };
  const now = clock.now();
  return rows.flatMap(({ content, ...policy }) => {
    if (!applies(policy, selectors, now)) return [];
    const parsed = parseRules(content);
    return 'rules' in parsed ? [{ ...policy, rules: parsed.rules }] : [];
  });
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

/** The policies that a decision adds: those of its group, and the one that decided, though it may be used up by now. */
async function policiesOf(
  db: Kysely<Schema>,
  sender: User,
  { group_id: groupId, winning_policy_id: winner }: NonNullable<Outgoing['decision']>,
  known: readonly PolicyInForce[],
): Promise<PolicyInForce[]> {
  const both = groupId === null ? [] : await policiesToGroup(db, sender.id, groupId);
  const ofGroup = both.filter(({ scope }) => scope === 'group');
  const hasWinner = [...known, ...ofGroup].some(({ id }) => id === winner);
  const decisive = winner === null || hasWinner ? [] : await usedPolicy(db, winner);
  return [...ofGroup, ...decisive];
}

/** What policies may call the recipient, in lower case. A user's name is the username; a group's are its id and its name. */
export async function namesOf(
  db: Kysely<Schema>,
  { recipient, recipient_type, decision }: Pick<Outgoing, 'recipient' | 'recipient_type' | 'decision'>,
): Promise<string[]> {
  const groupId = recipient_type === 'group' ? recipient : decision?.group_id;
  const group = groupId == null ? undefined : await findGroup(db, groupId);
  return [recipient, ...(group ? [group.id, group.name] : [])].map((name) => name.toLowerCase());
}
