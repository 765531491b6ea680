import { setImmediate as turn } from 'node:timers/promises';
import { findUser, type User } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { MessageRow } from '@mahilo/shared/messages/message-fields';
import type { ApiDeps } from '../deps.ts';
import { rolesGiven } from '../friends/friend-roles.ts';
import { groupOfMember } from '../groups/members.ts';
import { listMessages } from '../messages/messages.ts';
import { assertSize } from '../messages/send.ts';
import { distinctPatterns } from '../policies/content.ts';
import { namesOf, policiesInForce } from '../policies/in-force.ts';
import { judge, type Match, matchesOf, type Policy, summaryOf } from '../policies/judge.ts';
import { breachOf } from '../policies/match.ts';
import type { PatternTester } from '../policies/pattern-tester.ts';
import { patternsOf } from '../policies/rules.ts';
import { sendSelectors } from '../policies/selectors.ts';
import { DRAFT_ID, type Draft, draftOf, type Recipient } from './draft.ts';
import type { TryMessage, TrySample } from './schemas.ts';
import { TrialPlaces } from './trial-places.ts';

/** Of what an answer lists. */
const MOST_POLICIES = 50;
const MOST_SPANS = 20;
/** Characters of a message. */
const EXCERPT = 120;
/** Messages that a sample has in memory while it waits for others' patterns. */
const READ_AT_ONCE = 10;
const ALL_SENT = {
  direction: 'sent',
  since: undefined,
  sinceId: undefined,
  status: undefined,
  correlationId: undefined,
} as const;

type Deps = Pick<ApiDeps, 'db' | 'settings' | 'clock'>;
type Tester = Pick<PatternTester, 'ask' | 'close'>;

/** Tries policies, without sending or storing anything, also where the registry judges nothing else. */
export class PolicyTrial {
  readonly #deps: Deps;
  readonly #tester: Tester;
  readonly #places = new TrialPlaces();

  /** `tester` is one of its own: what somebody tries out uses up nothing that their messages need. */
  constructor(deps: Deps, tester: Tester) {
    this.#deps = deps;
    this.#tester = tester;
  }

  /**
   * What the user's policies, and a draft of one, would say about a message.
   * @throws MahiloError PAYLOAD_TOO_LARGE, USER_NOT_FOUND, GROUP_NOT_FOUND, NOT_MEMBER, as storing the draft would, and as
   *   {@link TrialPlaces.take} and {@link PatternTester.ask} do.
   */
  async message(user: User, request: TryMessage) {
    using _place = this.#places.take(user.id);
    const { message, context, recipient, recipient_type = 'user', replaces } = request;
    const { kysely } = this.#deps.db;
    assertSize(message, this.#deps.settings.MAX_PAYLOAD_SIZE);
    const selectors = sendSelectors(request);
    const to = await this.#recipient(user, recipient_type, recipient);
    const outgoing = { recipient, recipient_type, message, selectors };
    const stored = await policiesInForce(this.#deps, user, outgoing);
    const draft = request.draft && (await draftOf(this.#deps, user, request.draft));
    const policies = stored.filter(({ id }) => id !== replaces);
    if (draft?.isFor(to, selectors)) policies.push(draft.policy);
    const patterns = distinctPatterns(policies);
    const { matched } = await this.#ask(user, { patterns, text: message });
    const recipientNames = await namesOf(kysely, outgoing);
    const subject = { message, context, recipientNames, matched: new Set(matched) };
    const judgement = judge(policies, subject);
    const matches = matchesOf(policies, subject).slice(0, MOST_POLICIES);
    const spans = await this.#spansIn(user, message, matches);
    return {
      effect: judgement.effect,
      summary: summaryOf(judgement),
      reason_code: judgement.reasonCode,
      enforced: this.#deps.settings.TRUSTED_MODE,
      concerned: matches.map(({ policy, breach }) => ({
        ...shown(policy),
        decides: policy.id === judgement.policy?.id,
        ...(breach.rule !== undefined && { rule: breach.rule }),
        ...(breach.index !== undefined && { index: breach.index }),
        reason: breach.sentence,
        spans: [...(spans.get(patternOf({ policy, breach }) ?? '') ?? [])],
      })),
    };
  }

  /**
   * Which of the user's latest messages a policy would have concerned.
   * @param signal ends it early: nobody waits for the answer.
   * @throws MahiloError as storing the draft would, as {@link TrialPlaces.take} does, and as {@link PatternTester.ask} does
   *   with the first message.
   */
  async sample(user: User, request: TrySample, signal: AbortSignal) {
    using _place = this.#places.take(user.id);
    const draft = await draftOf(this.#deps, user, request.draft);
    const selectors = sendSelectors(request);
    const found = { tried: 0, encrypted: 0, is_complete: true };
    const concerned: ReturnType<typeof toConcerned>[] = [];
    for await (const row of this.#latest(user.id, request.sample ?? 100)) {
      if (row === undefined || signal.aborted) return { ...found, is_complete: false, concerned };
      if (row.erased_at !== null) continue;
      if (isCiphertext(row)) {
        found.encrypted += 1;
        continue;
      }
      const reason = await this.#reason(user, draft, row, selectors).catch((error: unknown) => {
        if (found.tried > 0 && error instanceof MahiloError) return error;
        throw error;
      });
      if (reason instanceof MahiloError) return { ...found, is_complete: false, concerned };
      found.tried += 1;
      if (reason !== undefined) concerned.push(toConcerned(row, reason));
    }
    return { ...found, concerned };
  }

  close(): Promise<void> {
    return this.#tester.close();
  }

  /** The messages that a user has sent, newest first; the last is undefined where they are too large to be all read. */
  async *#latest(userId: string, wanted: number): AsyncGenerator<MessageRow | undefined> {
    let after: string | undefined;
    for (let left = wanted; left > 0; ) {
      const limit = Math.min(READ_AT_ONCE, left);
      const { rows, stoppedAt } = await listMessages(this.#deps.db.kysely, userId, ALL_SENT, {
        limit,
        after,
      });
      for (const row of rows) {
        await turn();
        yield row;
      }
      left -= rows.length;
      if (left === 0 || stoppedAt === undefined) return;
      if (rows.length < limit) return yield undefined;
      after = stoppedAt;
    }
  }

  /** Why a policy would have concerned a message; undefined: it would not. */
  async #reason(
    user: User,
    { policy, isFor }: Draft,
    row: MessageRow,
    selectors: ReturnType<typeof sendSelectors>,
  ): Promise<string | undefined> {
    const { kysely } = this.#deps.db;
    const { recipient_type: type, recipient_id: id, body, context } = row;
    const roles = policy.scope === 'role' && type === 'user' ? await rolesGiven(kysely, user.id, id) : [];
    if (!isFor({ type, id, roles }, selectors)) return undefined;
    const { matched } = await this.#ask(user, { patterns: patternsOf(policy.rules), text: body });
    return breachOf(policy.rules, {
      message: body,
      context: context ?? undefined,
      recipientNames: await namesOf(kysely, row),
      matched: new Set(matched),
    })?.sentence;
  }

  async #recipient(user: User, type: Recipient['type'], named: string): Promise<Recipient> {
    const { kysely } = this.#deps.db;
    if (type === 'group') {
      return { type, id: (await groupOfMember(kysely, named, user.id)).id, roles: [] };
    }
    const recipient = await findUser(kysely, named);
    if (recipient === undefined) {
      throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
    }
    return { type, id: recipient.id, roles: await rolesGiven(kysely, user.id, recipient.id) };
  }

  /** Where the patterns match for which policies concern a message. */
  async #spansIn(user: User, text: string, matches: readonly Match[]) {
    const wanted = matches.map(patternOf).filter((pattern) => pattern !== undefined);
    const question = { patterns: [...new Set(wanted)], text, mostSpans: MOST_SPANS };
    const { matched, spans } = await this.#ask(user, question);
    return new Map(matched.map((pattern, index) => [pattern, spans[index] ?? []]));
  }

  async #ask(user: User, question: Parameters<PatternTester['ask']>[1]) {
    if (question.patterns.length === 0) return { matched: [], spans: [] };
    return this.#tester.ask(user.id, question);
  }
}

/** The pattern that a message must not match, and does. */
function patternOf({ policy, breach }: Match): string | undefined {
  return breach.rule === 'blockedPatterns' ? policy.rules.blockedPatterns?.[breach.index ?? 0] : undefined;
}

function shown({ id, scope, effect, priority }: Policy) {
  return { ...(id !== DRAFT_ID && { policy_id: id }), scope, effect, priority };
}

function toConcerned({ id, recipient, recipient_type, created_at, body }: MessageRow, reason: string) {
  return {
    message_id: id,
    recipient,
    recipient_type,
    created_at: isoTime(created_at),
    reason,
    excerpt: [...body.slice(0, 2 * EXCERPT)].slice(0, EXCERPT).join(''),
  };
}
