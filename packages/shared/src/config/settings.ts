const DAY_MS = 86_400_000;
/** Somebody could guess a shorter secret. In UTF-16 units. */
export const SECRET_KEY_MIN_LENGTH = 32;

const ms = (description: string, defaultMs: number, minimum = 1, maximum = DAY_MS) =>
  ({ type: 'integer', description, default: defaultMs, minimum, maximum, unit: 'ms' }) as const;
const count = (description: string, defaultCount: number, minimum = 1, maximum = 1_000_000) =>
  ({ type: 'integer', description, default: defaultCount, minimum, maximum }) as const;

const bytes = (description: string) =>
  ({
    type: 'integer',
    description,
    default: 50_331_648,
    minimum: 1,
    maximum: 1_099_511_627_776,
    unit: 'bytes',
  }) as const;

const optionalText = (description: string) => ({ type: 'string', description, minLength: 1 }) as const;

const PROPERTIES = {
  SECRET_KEY: {
    type: 'string',
    description:
      'Secret from which the keys for API-key hashes and sealed callback secrets are derived. At least 32 characters, random.',
    minLength: SECRET_KEY_MIN_LENGTH,
    secret: true,
  },
  SECRET_KEY_FILE: optionalText('File that holds the secret, to be given instead of `SECRET_KEY`.'),
  SECRET_KEY_PREVIOUS: {
    type: 'string',
    description:
      'While `SECRET_KEY` is being changed: the other one, under which API keys and callback secrets still work.',
    minLength: SECRET_KEY_MIN_LENGTH,
    secret: true,
  },
  SECRET_KEY_PREVIOUS_FILE: optionalText('File that holds `SECRET_KEY_PREVIOUS`, to be given instead of it.'),
  NODE_ENV: {
    type: 'string',
    enum: ['development', 'production', 'test'],
    description:
      'Set to `production` for production: callbacks must then be https and never loopback, unless `ALLOW_PRIVATE_IPS` is true.',
    default: 'development',
  },
  HOST: { type: 'string', description: 'Address the API binds to.', default: '0.0.0.0', minLength: 1 },
  PORT: {
    type: 'integer',
    description: 'Port of the API; 0 lets the system choose one.',
    default: 8080,
    minimum: 0,
    maximum: 65_535,
  },
  PUBLIC_URL: optionalText(
    'Where people and agents reach the registry: an https origin, such as `https://registry.example`. `/skill.md` names it; unset: there is no such page but on loopback.',
  ),
  CONSOLE: {
    type: 'boolean',
    description: 'Serve the console, for people at a browser, at `/console`.',
    default: true,
  },
  ADMIN_NETWORKS: optionalText(
    'Networks (comma-separated CIDR) from which the console’s operators may come, as `TRUST_PROXY` tells their addresses; unset: all.',
  ),
  DATABASE_URL: {
    type: 'string',
    description:
      'Path of the SQLite database file, also as `sqlite:` or `file:` URL; its directory is made when it is missing. Or a database of PostgreSQL: `postgres://user:password@host:5432/mahilo`.',
    default: './data/mahilo.db',
    minLength: 1,
  },
  DATABASE_POOL: count(
    'Connections on which a process reads from PostgreSQL. It has three more: two write, one listens.',
    4,
    1,
    100,
  ),
  DATABASE_PREPARE: {
    type: 'boolean',
    description:
      'Keep statements prepared on PostgreSQL’s connections (set `false` behind a pooler that shares those between transactions).',
    default: true,
  },
  DATABASE_LISTEN_URL: optionalText(
    'Where to listen for PostgreSQL’s notifications, if `DATABASE_URL` leads to a pooler, which passes none on: the server itself. Without them a process looks twice a second.',
  ),
  MIN_FREE_DISK: {
    type: 'integer',
    description:
      'Room that must be free where the database is; with less, a process is not ready, and `doctor` and the alerts say so.',
    default: 67_108_864,
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    unit: 'bytes',
  },
  LOG_LEVEL: {
    type: 'string',
    enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    description: 'Least severe log lines that are written.',
    default: 'info',
  },
  METRICS_PORT: {
    type: 'integer',
    description:
      'Port of the internal listener with `/metrics`, `/health` and `/ready`; unset: no such listener. Each process needs its own.',
    minimum: 0,
    maximum: 65_535,
  },
  METRICS_HOST: {
    type: 'string',
    description: 'Address the internal listener binds to.',
    default: '127.0.0.1',
    minLength: 1,
  },
  SHUTDOWN_TIMEOUT_MS: ms(
    'How long a stopping process waits for work in flight before it gives it up.',
    8000,
  ),

  RATE_LIMIT: count('Requests per minute per user.', 100),
  RATE_LIMIT_IP: {
    type: 'integer',
    description:
      'Requests per minute per client address without a valid API key; unset: the same as `RATE_LIMIT`.',
    minimum: 1,
    maximum: 1_000_000,
  },
  REGISTRATION: {
    type: 'string',
    enum: ['open', 'invite', 'closed'],
    description:
      'Who may register: everybody, who has an invite token (`npm run admin -- invites`), or nobody but whom the operator registers. Set `invite` for a registry that the internet reaches.',
    default: 'open',
  },
  REGISTRATIONS_PER_ADDRESS: count(
    'New accounts a day from one client address (IPv6: from one /64), for each API process. Loopback and private addresses are not counted.',
    100,
  ),
  TRUST_PROXY: optionalText(
    'Addresses or networks (comma-separated CIDR) of the reverse proxies whose `X-Forwarded-For` is believed; unset: nobody.',
  ),
  MAX_PAYLOAD_SIZE: {
    type: 'integer',
    description: 'Largest message, in bytes of UTF-8.',
    default: 32_768,
    minimum: 1,
    maximum: 16_777_216,
    unit: 'bytes',
  },
  MAX_GROUP_MEMBERS: count(
    'Members that a group may have: a message to it is accepted for all of them in one transaction.',
    5000,
    2,
    100_000,
  ),
  TRUSTED_MODE: {
    type: 'boolean',
    description:
      'Let the registry itself enforce policies with rules on plaintext messages, not only the agents (set `true` where the operator may read them).',
    default: false,
  },

  MAX_RETRIES: {
    type: 'integer',
    description: 'Delivery attempts after the first one, before a delivery becomes a dead letter.',
    default: 5,
    minimum: 0,
    maximum: 100,
  },
  RETRY_BASE_MS: ms('Delay before the first retry.', 5000),
  RETRY_FACTOR: {
    type: 'number',
    description: 'Each further retry waits this many times longer than the one before.',
    default: 5,
    minimum: 1,
    maximum: 100,
  },
  RETRY_MAX_MS: ms(
    'Longest delay between two attempts, also when a receiver asks for more in `Retry-After`.',
    21_600_000,
    1,
    30 * DAY_MS,
  ),
  CALLBACK_TIMEOUT_MS: ms(
    'Longest duration of one callback, from name look-up to the header of the answer.',
    30_000,
    10,
    600_000,
  ),
  LEASE_MS: ms(
    'How long a worker owns a delivery without renewing its lease; a dead worker’s deliveries are taken over after this.',
    60_000,
    500,
  ),
  INBOX_LEASE_MS: ms(
    'How long messages that a polling agent fetched are its own; those it has not acknowledged by then come again.',
    60_000,
    500,
  ),
  WORKER_CONCURRENCY: count('Callbacks in flight at once, in each worker process.', 256, 1, 10_000),
  LANE_CONCURRENCY: count(
    'Callbacks in flight at once to one agent connection, over all workers.',
    4,
    1,
    1000,
  ),
  IN_FLIGHT_PER_DESTINATION: count(
    'Callbacks in flight at once to one host and port, in each worker process; never fewer than `LANE_CONCURRENCY`.',
    64,
    1,
    10_000,
  ),
  UNPROVEN_PER_MINUTE: count(
    'Attempts a minute, and only one at a time, at a callback URL that has not yet answered a signed callback with 2xx.',
    6,
  ),
  BREAKER_FAILURES: count(
    'Consecutive failures after which an agent connection is probed with one callback at a time.',
    5,
  ),
  BREAKER_MAX_MS: ms('Longest pause between two probes of a failing agent connection.', 300_000),
  RETENTION_DAYS: {
    type: 'integer',
    description:
      'Settled messages, their deliveries and attempts, and events are deleted after so many days; 0 keeps them for ever.',
    default: 30,
    minimum: 0,
    maximum: 36_500,
  },

  REVIEW_DAYS: count(
    'Days that a message waits for its sender to decide (`ask`), before it expires and is not sent.',
    7,
    1,
    3650,
  ),

  AGENTS_PER_USER: count('Agent connections that a user may have.', 100),
  GROUPS_PER_USER: count('Groups that a user may own.', 100),
  MEMBERSHIPS_PER_USER: count('Groups that a user may be a member of.', 1000),
  REQUESTS_PER_USER: count(
    'Friend requests and group invitations, sent by a user, that nobody has answered yet.',
    500,
  ),
  POLICIES_PER_USER: count('Policies that a user may have written, and that a group may have.', 500),
  STORED_BYTES_PER_USER: {
    type: 'integer',
    description: 'Bytes of messages, with their context, that a user has sent and that are still stored.',
    default: 1_073_741_824,
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    unit: 'bytes',
  },
  OWED_PER_USER: count(
    'Deliveries of messages that a user has sent and that are still owed: a message to a group owes one to each member.',
    100_000,
    1,
    1_000_000_000,
  ),
  STREAMS_PER_USER: count(
    'Live event streams, polls and sends that wait, which a user may have open at once, in each API process.',
    100,
  ),
  MAX_STREAMS: count('The same of all users together; each takes about 30 KiB of memory.', 1500),
  MAX_CONNECTIONS: count(
    'Connections that an API process keeps open at once; not those of `TRUST_PROXY`, whose own limits hold. Each takes 10 to 30 KiB of memory.',
    3000,
  ),
  MAX_REQUEST_BYTES: bytes(
    'Bytes of request bodies that an API process has in flight at once; at least four times the largest body.',
  ),
  MAX_RESPONSE_BYTES: bytes(
    'Bytes of answers that an API process keeps for clients who have not read them yet; at least four of the largest pages.',
  ),
  STREAM_HEARTBEAT_MS: ms(
    'How often a live event stream shows that it is alive; shorter than the idle timeout of any proxy before the API. A client that reads nothing for two of these is dropped.',
    15_000,
    10,
  ),

  ALLOW_PRIVATE_IPS: {
    type: 'boolean',
    description:
      'Allow callbacks to private and loopback addresses, and over http, also with `NODE_ENV=production` (set `true` for self-hosted agents).',
    default: false,
  },
  EGRESS_ALLOW: optionalText(
    'Networks (comma-separated CIDR) that callbacks may reach although they are private; never cloud metadata.',
  ),
  EGRESS_DENY: optionalText(
    'Networks (comma-separated CIDR) that callbacks must not reach, whatever else allows them.',
  ),
  EGRESS_PORTS: optionalText(
    'Ports that callbacks may use, as a comma-separated list of ports and ranges; unset: 80, 443 and those above 1023 that no well-known internal service uses.',
  ),
  EGRESS_PROXY: optionalText('URL of an http(s) forward proxy that all callbacks go through; unset: none.'),
  DNS_SERVERS: optionalText(
    'DNS servers for callback names (comma-separated host:port); unset: the system’s.',
  ),
} as const;

const REQUIRED = ['SECRET_KEY'] as const;

type Properties = typeof PROPERTIES;

type ValueOf<Property> = Property extends { enum: readonly (infer Value)[] }
  ? Value
  : Property extends { type: 'string' }
    ? string
    : Property extends { type: 'boolean' }
      ? boolean
      : number;

/** Settings that always have a value: required ones, and those with a default. */
type Present =
  | (typeof REQUIRED)[number]
  | {
      [Name in keyof Properties]: Properties[Name] extends { default: unknown } ? Name : never;
    }[keyof Properties];

export type Settings = { [Name in Present]: ValueOf<Properties[Name]> } & {
  [Name in Exclude<keyof Properties, Present>]?: ValueOf<Properties[Name]>;
};

/**
 * Every environment variable that the product reads: name, default, bounds and meaning. Both processes, `--help` and
 * docs/settings.md use this one list. It is plain JSON Schema, because a library to write it with would take several
 * MB of the worker's memory, which needs it for nothing else.
 */
export const settingsSchema = { type: 'object', required: REQUIRED, properties: PROPERTIES } as const;
