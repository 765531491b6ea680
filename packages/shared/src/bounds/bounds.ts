import type { Settings } from '../config/settings.ts';
import { MahiloError } from '../errors.ts';

/** One bound on what a user or a client address may have or do. */
interface Bound {
  /** What is counted, for docs/limits.md. */
  what: string;
  /** The same in a sentence that says how many are allowed. */
  noun: string;
  /** What the user can do about it. */
  advice: string;
  /** Where its value comes from, for docs/limits.md. */
  setting: string;
  limit: (settings: Settings) => number;
  unit?: 'bytes' | 'a minute' | 'a day';
  /** Bounds on rows hold for all processes together; bounds on memory hold for each process. */
  holds: 'for all' | 'for each API process' | 'for each worker';
  /** What a request over the bound gets. */
  answer: string;
}

const QUOTA = '429 `QUOTA_EXCEEDED`';
const KEYS = 50;
/** With one more, those end that were not used for longest. */
export const SESSIONS_PER_USER = 50;
/** Sign-ins that wait for the approval of an agent of one name, from one address, and from one IPv6 /48. */
export const SIGN_INS = { perName: 50, perAddress: 10, perSite: 20 } as const;
const SUBSCRIPTIONS = 20;
const FRIEND_LINKS = 50;
const GROUP_LINKS = 50;
const CHECKS = 3;
const BLOCKS = 10_000;
const DECISIONS = 10_000;
/** Downloads of all of somebody's data at once, of one user and of all. */
export const EXPORTS = { perUser: 1, all: 8 } as const;
/** Policies that are tried at once, by one user and by all. */
export const TRIALS = { perUser: 2, all: 16 } as const;
/** Texts of one user that wait for patterns at once, in each lane. */
export const WAITING_FOR_PATTERNS = 100;
const RATE_LIMITED = '429 `RATE_LIMITED`';
const SHARE = `The oldest of the client is closed, if it has been unfinished for 5 s; else ${QUOTA}`;
const CLOSED =
  'The longest unfinished one is closed of the address with the most; when that is not enough, 503 `UNAVAILABLE`';
const EACH_API = 'for each API process';
const POLICY_BYTES = 1_048_576;
/** Bytes of one page of a list, or of one answer to a poll. */
export const PAGE_BYTES = 4_194_304;
/** One client has this part of what the process has in all. */
const SHARES = 4;

const quarter = (all: number) => Math.max(1, Math.floor(all / SHARES));
const withoutKey = (settings: Settings) => settings.RATE_LIMIT_IP ?? settings.RATE_LIMIT;
/**
 * A client must be able to send the largest body, and to be sent the largest answer: a page, or one message. MCP has a
 * message twice in an answer, once as JSON within JSON.
 */
const requestBytes = (settings: Settings) =>
  Math.max(settings.MAX_REQUEST_BYTES, SHARES * largestBody(settings));
const responseBytes = (settings: Settings) =>
  Math.max(
    settings.MAX_RESPONSE_BYTES,
    SHARES * Math.max(PAGE_BYTES + largestBody(settings), 3 * largestBody(settings)),
  );

/**
 * The largest body (bytes) of a request. JSON writes one byte as six at worst (`\u0000`), and the rest of a send needs some
 * room beside the message.
 */
export function largestBody({ MAX_PAYLOAD_SIZE }: Pick<Settings, 'MAX_PAYLOAD_SIZE'>): number {
  return 6 * MAX_PAYLOAD_SIZE + 65_536;
}

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
  sessions_per_user: {
    what: 'Browsers that a user is signed in with',
    noun: 'browsers of one user',
    advice: 'sign out of one',
    setting: '–',
    limit: () => SESSIONS_PER_USER,
    holds: 'for all',
    answer: 'The session ends that was not used for longest',
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
  subscriptions_per_user: {
    what: 'Subscriptions of a user to events by webhook (MCP Events); they count as no agents. To each up to 1000 events are owed at once',
    noun: 'subscriptions to events',
    advice: 'end one first, or wait until one expires',
    setting: '–',
    limit: () => SUBSCRIPTIONS,
    holds: 'for all',
    answer:
      'JSON-RPC error -32013, with the name of the bound; what a full subscription misses, it is told (`truncated`)',
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
  friend_links_per_user: {
    what: 'Links of a user that make a friend of whoever opens them, and that nobody has used',
    noun: 'links for friends',
    advice: 'withdraw one first',
    setting: '–',
    limit: () => FRIEND_LINKS,
    holds: 'for all',
    answer: QUOTA,
  },
  group_links_per_user: {
    what: 'Links of a user that make whoever opens them a member of a group, and that are not used up',
    noun: 'links to groups',
    advice: 'withdraw one first',
    setting: '–',
    limit: () => GROUP_LINKS,
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
  decisions_per_user: {
    what: 'Decisions of a user’s agents that no message has come of: allowed and not sent (for a day), held, or denied',
    noun: 'decisions that no message has come of',
    advice: 'send, review or erase some (DELETE /messages/:id)',
    setting: '–',
    limit: () => DECISIONS,
    holds: 'for all',
    answer: QUOTA,
  },
  bundle_bytes: {
    what: 'Bytes, about, of the bundle of policies for a message to each member of a group',
    noun: 'bytes of policies for all members of a group together',
    advice: 'send the group one message (`recipient_type: group`), or have fewer or shorter policies',
    setting: '–',
    limit: () => PAGE_BYTES,
    unit: 'bytes',
    holds: EACH_API,
    answer: QUOTA,
  },
  stored_bytes_per_user: {
    what: 'Bytes of the messages, with their context, that a user has sent and that are still stored, and of what is held or was denied; 256 more for each further member of a group that one goes to',
    noun: 'bytes stored of messages that a user has sent',
    advice:
      'erase some that you do not need (DELETE /messages/:id), or wait until the oldest are as old as the operator keeps them',
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
    answer: `${QUOTA} with \`Retry-After\`; a message to a group, or a resend of many, is refused whole. The count lags by seconds`,
  },
  requests_per_minute: {
    what: 'Requests of a user in a minute; a message to a group takes one for each 50 members, and a change of public keys one for each 50 friends, but no more than all',
    noun: 'requests in a minute',
    advice: 'wait',
    setting: '`RATE_LIMIT`',
    limit: (settings) => settings.RATE_LIMIT,
    unit: 'a minute',
    holds: 'for each API process',
    answer: '429 `RATE_LIMITED` with `Retry-After`',
  },
  browser_requests_per_minute: {
    what: 'Requests of a user’s browsers in a minute, those with a session instead of a key; they do not count as the user’s requests',
    noun: 'requests of browsers in a minute',
    advice: 'wait',
    setting: '`RATE_LIMIT`',
    limit: (settings) => settings.RATE_LIMIT,
    unit: 'a minute',
    holds: EACH_API,
    answer: RATE_LIMITED,
  },
  sign_ins_per_name: {
    what: `Sign-ins by an agent’s approval that wait for it, of one username; ${SIGN_INS.perAddress} of them from one client address, ${SIGN_INS.perSite} from one IPv6 /48`,
    noun: 'sign-ins that wait for an approval',
    advice: 'wait ten minutes, or sign in another way',
    setting: '–',
    limit: () => SIGN_INS.perName,
    holds: 'for all',
    answer: QUOTA,
  },
  checks_per_minute: {
    what: 'Checks of a user’s agents in a minute, of four callbacks each; those of one host by all users: 30',
    noun: 'checks in a minute',
    advice: 'wait',
    setting: '–',
    limit: () => CHECKS,
    unit: 'a minute',
    holds: 'for each API process',
    answer: RATE_LIMITED,
  },
  exports_per_user: {
    what: `Downloads of all their data that a user has going on; those of all users: ${EXPORTS.all}, and 503 \`UNAVAILABLE\` for one more`,
    noun: 'downloads of all of your data at once',
    advice: 'wait until it is done, or stop it',
    setting: '–',
    limit: () => EXPORTS.perUser,
    holds: 'for each API process',
    answer: QUOTA,
  },
  trials_per_user: {
    what: `Trials of policies (\`POST /policies/test\` and \`/policies/sample\`) that a user has going on; those of all users: ${TRIALS.all}, and 503 \`UNAVAILABLE\` for one more`,
    noun: 'trials of policies at once',
    advice: 'wait until one is done',
    setting: '–',
    limit: () => TRIALS.perUser,
    holds: EACH_API,
    answer: `${QUOTA} with \`Retry-After\``,
  },
  waiting_for_patterns: {
    what: 'Messages of a user that wait until policies’ patterns are matched (`TRUSTED_MODE`); as many more whose patterns are slow',
    noun: 'messages that wait for patterns',
    advice: 'wait',
    setting: '–',
    limit: () => WAITING_FOR_PATTERNS,
    holds: EACH_API,
    answer: '429 `RATE_LIMITED` with `Retry-After`',
  },
  accounts_of_address: {
    what: 'Requests of all accounts of one client address (IPv6: of one /64)',
    noun: 'requests of one address in a minute',
    advice: 'wait',
    setting: '50 × `RATE_LIMIT`',
    limit: (settings) => 50 * settings.RATE_LIMIT,
    unit: 'a minute',
    holds: EACH_API,
    answer: RATE_LIMITED,
  },
  requests_without_key: {
    what: 'Requests without a valid API key from one client address (IPv6: from one /64)',
    noun: 'requests without a valid key in a minute',
    advice: 'wait',
    setting: '`RATE_LIMIT_IP`',
    limit: withoutKey,
    unit: 'a minute',
    holds: EACH_API,
    answer: RATE_LIMITED,
  },
  requests_of_site: {
    what: 'Requests without a valid API key from one IPv6 /48',
    noun: 'requests without a valid key from one network in a minute',
    advice: 'wait',
    setting: '16 × `RATE_LIMIT_IP`',
    limit: (settings) => 16 * withoutKey(settings),
    unit: 'a minute',
    holds: EACH_API,
    answer: RATE_LIMITED,
  },
  static_pages: {
    what: 'Requests for pages that are the same for everybody (`/`, `/docs`) from one client address; they count nowhere else',
    noun: 'requests for such pages in a minute',
    advice: 'wait',
    setting: '10 × `RATE_LIMIT_IP`',
    limit: (settings) => 10 * withoutKey(settings),
    unit: 'a minute',
    holds: EACH_API,
    answer: RATE_LIMITED,
  },
  registrations_per_address: {
    what: 'New accounts of one client address (IPv6: of one /64)',
    noun: 'new accounts of one address in a day',
    advice: 'wait',
    setting: '`REGISTRATIONS_PER_ADDRESS`',
    limit: (settings) => settings.REGISTRATIONS_PER_ADDRESS,
    unit: 'a day',
    holds: EACH_API,
    answer: QUOTA,
  },
  streams_per_user: {
    what: 'Open live streams, polls, MCP subscriptions and A2A streams of a user; a send with `Prefer: wait`, or by A2A, counts while it waits, and does not wait when there is no room',
    noun: 'open streams and polls',
    advice: 'close one first',
    setting: '`STREAMS_PER_USER`',
    limit: (settings) => settings.STREAMS_PER_USER,
    holds: EACH_API,
    answer: '429 `TOO_MANY_STREAMS`',
  },
  streams_per_address: {
    what: 'The same of one client address',
    noun: 'open streams and polls of one address',
    advice: 'close one first',
    setting: '`MAX_STREAMS` / 4',
    limit: (settings) => quarter(settings.MAX_STREAMS),
    holds: EACH_API,
    answer: `The oldest of the address ends, from 5 s on; else ${QUOTA}`,
  },
  streams: {
    what: 'The same of all together',
    noun: 'open streams and polls',
    advice: 'try again soon',
    setting: '`MAX_STREAMS`',
    limit: (settings) => settings.MAX_STREAMS,
    holds: EACH_API,
    answer: CLOSED,
  },
  connections_per_address: {
    what: 'Connections of one client address',
    noun: 'connections of one address',
    advice: 'close one first',
    setting: '`MAX_CONNECTIONS` / 4',
    limit: (settings) => quarter(settings.MAX_CONNECTIONS),
    holds: EACH_API,
    answer: `The one is closed over which nothing has been asked for longest; else ${QUOTA}`,
  },
  connections: {
    what: 'Connections of all together, unfinished headers among them; not those of a proxy in `TRUST_PROXY`',
    noun: 'connections',
    advice: 'try again soon',
    setting: '`MAX_CONNECTIONS`',
    limit: (settings) => settings.MAX_CONNECTIONS,
    holds: EACH_API,
    answer: CLOSED,
  },
  request_bytes_per_client: {
    what: 'Bytes of requests in flight of one user, and of one client address',
    noun: 'bytes of requests in flight',
    advice: 'wait until some are answered',
    setting: '`MAX_REQUEST_BYTES` / 4',
    limit: (settings) => quarter(requestBytes(settings)),
    unit: 'bytes',
    holds: EACH_API,
    answer: SHARE,
  },
  request_bytes: {
    what: 'The same of all together',
    noun: 'bytes of requests in flight',
    advice: 'try again soon',
    setting: '`MAX_REQUEST_BYTES`',
    limit: requestBytes,
    unit: 'bytes',
    holds: EACH_API,
    answer: CLOSED,
  },
  response_bytes_per_client: {
    what: 'Bytes of answers that one user, or one client address, has not read yet',
    noun: 'bytes of answers that are not read',
    advice: 'read them first',
    setting: '`MAX_RESPONSE_BYTES` / 4',
    limit: (settings) => quarter(responseBytes(settings)),
    unit: 'bytes',
    holds: EACH_API,
    answer: SHARE,
  },
  response_bytes: {
    what: 'The same of all together. Who reads nothing of an answer for 30 s is let go',
    noun: 'bytes of answers that are not read',
    advice: 'try again soon',
    setting: '`MAX_RESPONSE_BYTES`',
    limit: responseBytes,
    unit: 'bytes',
    holds: EACH_API,
    answer: CLOSED,
  },
} as const satisfies Record<string, Bound>;

export type BoundName = keyof typeof BOUNDS;

/** The names of the bounds, in the order of the table. */
export const BOUND_NAMES = Object.keys(BOUNDS) as BoundName[];

/** From this share of a bound on, metrics and doctor report the user. */
export const NEAR = 0.8;

/** A 429 `QUOTA_EXCEEDED` that names the bound. @param retryAfterSeconds when waiting helps. */
export function quotaExceeded(name: BoundName, limit: number, retryAfterSeconds?: number): MahiloError {
  const { noun, advice } = BOUNDS[name];
  const message = `There can be ${limit} ${noun} at most: ${advice}.`;
  return new MahiloError('QUOTA_EXCEEDED', message, {
    details: [{ path: name, message }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
