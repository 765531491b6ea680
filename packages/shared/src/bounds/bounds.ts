import type { Settings } from '../config/settings.ts';
import { MahiloError } from '../errors.ts';

/** What there may be only so much of. */
interface Bound {
  /** What is counted, for docs/limits.md. */
  what: string;
  /** The same in a sentence that says how many there can be. */
  noun: string;
  /** What helps who has too many. */
  advice: string;
  /** Where its value comes from, for docs/limits.md. */
  setting: string;
  limit(settings: Settings): number;
  unit?: 'bytes' | 'a minute' | 'a day';
  /** Rows in the database hold for all processes; what a process has in memory holds for it alone. */
  holds: 'for all' | 'for each API process' | 'for each worker';
  /** What whoever goes over it gets. */
  answer: string;
}

const QUOTA = '429 `QUOTA_EXCEEDED`';
const KEYS = 50;
const BLOCKS = 10_000;
const POLICY_BYTES = 1_048_576;

/**
 * Every bound on what one user, or one client address, may have or do. docs/limits.md comes from this table. The names
 * are part of the contract: `GET /auth/limits` and the `details` of a refusal have them.
 */
export const BOUNDS = {
  keys_per_user: {
    what: 'API keys of a user',
    noun: 'API keys',
    advice: 'revoke one first',
    setting: '–',
    limit: () => KEYS,
    holds: 'for all',
    answer: QUOTA,
  },
  agents_per_user: {
    what: 'Agents of a user',
    noun: 'agents',
    advice: 'delete one first',
    setting: '`AGENTS_PER_USER`',
    limit: (settings) => settings.AGENTS_PER_USER,
    holds: 'for all',
    answer: QUOTA,
  },
  groups_per_user: {
    what: 'Groups that a user owns',
    noun: 'groups of one owner',
    advice: 'delete one, or hand it to somebody who has fewer',
    setting: '`GROUPS_PER_USER`',
    limit: (settings) => settings.GROUPS_PER_USER,
    holds: 'for all',
    answer: `${QUOTA}, also to who would hand a group to somebody who has as many`,
  },
  memberships_per_user: {
    what: 'Groups that a user is a member of, the own ones among them',
    noun: 'groups of one member',
    advice: 'leave one first',
    setting: '`MEMBERSHIPS_PER_USER`',
    limit: (settings) => settings.MEMBERSHIPS_PER_USER,
    holds: 'for all',
    answer: QUOTA,
  },
  requests_per_user: {
    what: 'Friend requests and group invitations that a user has sent and nobody has answered',
    noun: 'friend requests and invitations that wait for an answer',
    advice: 'withdraw one, or wait for an answer',
    setting: '`REQUESTS_PER_USER`',
    limit: (settings) => settings.REQUESTS_PER_USER,
    holds: 'for all',
    answer: QUOTA,
  },
  blocks_per_user: {
    what: 'People whom a user has blocked',
    noun: 'blocks',
    advice: 'lift one first',
    setting: '–',
    limit: () => BLOCKS,
    holds: 'for all',
    answer: QUOTA,
  },
  policies_per_user: {
    what: 'Policies that a user has written; also those of one group, whoever wrote them',
    noun: 'policies',
    advice: 'delete one first',
    setting: '`POLICIES_PER_USER`',
    limit: (settings) => settings.POLICIES_PER_USER,
    holds: 'for all',
    answer: QUOTA,
  },
  policy_bytes_per_user: {
    what: 'Bytes of the same policies: all of them may have to be read for one message',
    noun: 'bytes of policies',
    advice: 'delete or shorten one first',
    setting: '–',
    limit: () => POLICY_BYTES,
    unit: 'bytes',
    holds: 'for all',
    answer: QUOTA,
  },
  stored_bytes_per_user: {
    what: 'Bytes of the messages, with their context, that a user has sent and that are still stored; 256 more for each further member of a group that one goes to',
    noun: 'bytes stored of messages that a user has sent',
    advice: 'they are deleted when they are as old as the operator keeps them',
    setting: '`STORED_BYTES_PER_USER`',
    limit: (settings) => settings.STORED_BYTES_PER_USER,
    unit: 'bytes',
    holds: 'for all',
    answer: `${QUOTA}; a message to a group is refused whole. The count lags by seconds`,
  },
  owed_per_user: {
    what: 'Deliveries that are still owed of the messages that a user has sent',
    noun: 'deliveries owed of messages that a user has sent',
    advice: 'wait until their recipients have taken some',
    setting: '`OWED_PER_USER`',
    limit: (settings) => settings.OWED_PER_USER,
    holds: 'for all',
    answer: `${QUOTA} with \`Retry-After\`; a message to a group is refused whole. The count lags by seconds`,
  },
  requests_per_minute: {
    what: 'Requests of a user in a minute; a message to a group takes one for each 50 members, but no more than all',
    noun: 'requests in a minute',
    advice: 'wait',
    setting: '`RATE_LIMIT`',
    limit: (settings) => settings.RATE_LIMIT,
    unit: 'a minute',
    holds: 'for each API process',
    answer: '429 `RATE_LIMITED` with `Retry-After`',
  },
} as const satisfies Record<string, Bound>;

export type BoundName = keyof typeof BOUNDS;

/** The names of the bounds, in the order of the table. */
export const BOUND_NAMES = Object.keys(BOUNDS) as BoundName[];

/** From this share of a bound on somebody is near it, which metrics and doctor tell. */
export const NEAR = 0.8;

/**
 * A 429 `QUOTA_EXCEEDED`, which names the bound.
 * @param retryAfterSeconds where waiting helps.
 */
export function quotaExceeded(name: BoundName, limit: number, retryAfterSeconds?: number): MahiloError {
  const { noun, advice } = BOUNDS[name];
  const message = `There can be ${limit} ${noun} at most: ${advice}.`;
  return new MahiloError('QUOTA_EXCEEDED', message, {
    details: [{ path: name, message }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
