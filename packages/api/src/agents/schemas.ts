import type { Static } from 'typebox';
import { id, oneOf, text, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { WholeListQuery } from '../http/whole-list.ts';
import { COUNTED_AT_MOST, HEALTH_STATES } from '../waiting/health.ts';
import { AGENT_MODES, MODES_SHOWN } from './connections.ts';
import { PING_ERRORS } from './ping.ts';

const URL_EXAMPLE = 'https://agent.example/callback';
const FRAMEWORK = 'my-framework';
const KEY = 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=';
const SECRET = 'whsec_3UQm1JcFqvQ2uH0sK5yq3vWk8mYx7pRt2LzN4bD6aEg=';

const Mode = oneOf(MODES_SHOWN, {
  title: 'AgentMode',
  description:
    'How an agent gets its messages. `webhook` is another word for `callback`, which answers repeat; `events` is a subscription of an MCP host, which gets no messages.',
});

const KeyAlgorithm = oneOf(['ed25519', 'x25519'], {
  title: 'PublicKeyAlgorithm',
  description: 'The algorithm of `public_key`.',
});

const keyFields = {
  kty: oneOf(['OKP'], { description: 'The kind of key (RFC 8037).' }),
  crv: oneOf(['X25519', 'Ed25519'], { description: '`X25519` to encrypt to, `Ed25519` to verify with.' }),
  x: Type.String({
    // 32 bytes; the last character has no bits that mean nothing, or one key would have several thumbprints.
    pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$',
    maxLength: 43,
    description: 'The public key itself: 32 bytes in base64url.',
    examples: ['ODqSNYYTKCSCCeZ6JJOz2zHrhTi-CcX8j64z5uYbmHY'],
  }),
};
const use = oneOf(['enc', 'sig'], { description: '`enc` of X25519, `sig` of Ed25519.', examples: ['enc'] });
const kid = Type.String({
  maxLength: 43,
  description: 'The thumbprint of the key (RFC 7638, SHA-256).',
  examples: ['IeQdsZPiu2QBAcaudMAI_9QoLW1HbPg9fvtqzNevFVA'],
});
const MAX_KEYS = 2;

const GivenKeySet = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        { ...keyFields, use: Type.Optional(use), kid: Type.Optional(kid) },
        {
          title: 'GivenPublicKey',
          description: 'A public key. Other members are ignored, but one of a private key is refused.',
        },
      ),
      { maxItems: MAX_KEYS, description: 'At most one of each curve; none removes those that are there.' },
    ),
  },
  {
    title: 'GivenPublicKeys',
    description: 'For end-to-end encryption: a JWK Set (RFC 7517). Friends are told when it changes.',
  },
);

const PublicKeys = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        { ...keyFields, use, kid },
        { title: 'PublicKey', description: 'A public key (RFC 8037).' },
      ),
      { maxItems: MAX_KEYS, description: 'At most one of each curve, the one to encrypt with first.' },
    ),
  },
  { title: 'PublicKeys', description: 'For end-to-end encryption: a JWK Set (RFC 7517).' },
);

/** The public keys of an agent, where there are some. */
export const keysShown = {
  public_keys: Type.Optional(PublicKeys),
  public_keys_since: Type.Optional(time('When they last changed.')),
};

/** What a URL, a mode, both or neither mean. */
const WAYS = [
  { required: ['callback_url'], properties: { mode: { enum: ['callback', 'webhook'] } } },
  { required: ['mode'], properties: { mode: { enum: ['polling'] } } },
  { properties: { mode: { not: {} }, callback_url: { not: {} } } },
];

export const RegisterAgentBody = Type.Object(
  {
    framework: text({
      minLength: 1,
      maxLength: 50,
      description: 'What the agent is built with.',
      examples: [FRAMEWORK],
    }),
    label: text({
      minLength: 1,
      maxLength: 50,
      description: 'Which of your agents of this framework it is.',
      examples: ['home'],
    }),
    description: Type.Optional(
      text({ maxLength: 500, description: 'What it is for.', examples: ['Knows my calendar.'] }),
    ),
    capabilities: Type.Optional(
      Type.Unknown({
        description:
          'What it can do: a list, or a text with commas between (or the JSON of a list, as existing clients send it).',
        examples: [['calendar', 'travel']],
        documented: {
          anyOf: [
            {
              type: 'array',
              maxItems: 50,
              items: {
                type: 'string',
                minLength: 1,
                maxLength: 64,
                description: 'One thing that it can do.',
                examples: ['calendar'],
              },
            },
            { type: 'string', maxLength: 3249, pattern: '^[^,\\[]{0,64}(,[^,\\[]{0,64}){0,49}$' },
          ],
        },
      }),
    ),
    routing_priority: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: 'Of several agents the one with the highest gets a message. Default 0.',
        examples: [10],
      }),
    ),
    mode: Type.Optional(
      oneOf(MODES_SHOWN, {
        description:
          '`webhook` is another word for `callback`, which answers repeat. Default: `callback` with a URL, `polling` without.',
        documented: { enum: AGENT_MODES },
      }),
    ),
    callback_url: Type.Optional(
      Type.String({
        description:
          'Where messages are POSTed; required in callback mode. `https:`, without user name, password or fragment.',
        examples: [URL_EXAMPLE],
        documented: { format: 'uri', pattern: '^https?://', maxLength: 2048 },
      }),
    ),
    callback_secret: Type.Optional(
      text({
        minLength: 16,
        maxLength: 64,
        description: 'Made by the registry when absent, which is best; polling agents have none.',
        examples: [SECRET],
        documented: {
          pattern:
            '^(whsec_([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?|([^w]|w[^h]|wh[^s]|whs[^e]|whse[^c]|whsec[^_])[\\s\\S]*)$',
        },
      }),
    ),
    callback_headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 2048 }), {
        maxProperties: 5,
        description:
          'Headers that the receiver wants, such as a token of its own; 4096 bytes at most. Stored sealed, never shown again, and dropped when `callback_url` moves to another origin; `{}` removes them. Not possible: what the registry or HTTP itself sets (host, content-*, connection, user-agent, x-mahilo-*, webhook-* and others).',
        examples: [{ authorization: 'Bearer a-token-of-the-receiver' }],
      }),
    ),
    callback_format: Type.Optional(
      oneOf(['mahilo', 'openclaw'], {
        title: 'CallbackFormat',
        description:
          'The form of the body. `openclaw` is what its `POST /hooks/agent` takes. Default `mahilo`.',
      }),
    ),
    public_key: Type.Optional(
      text({
        minLength: 1,
        maxLength: 500,
        description: 'For end-to-end encryption between agents; the registry hands it on.',
        examples: [KEY],
      }),
    ),
    public_key_alg: Type.Optional(KeyAlgorithm),
    public_keys: Type.Optional(GivenKeySet),
    rotate_secret: Type.Optional(
      Type.Boolean({
        description: 'For a known agent: make a new secret; the old one signs along for 24 h.',
      }),
    ),
    create_only: Type.Optional(
      Type.Boolean({
        description: 'Change no agent that is there: with the same framework and label it is refused.',
      }),
    ),
  },
  {
    title: 'RegisterAgent',
    description:
      'An agent with a `callback_url` is called; one without it polls. The same framework and label again is an update.',
    examples: [{ framework: FRAMEWORK, label: 'home', mode: 'polling', capabilities: ['calendar'] }],
    documented: { anyOf: WAYS },
  },
);

export type RegisterAgent = Static<typeof RegisterAgentBody>;

const connectionId = id('conn', 'The id of the connection.');

const callbackSecret = (description: string) =>
  Type.Optional(Type.String({ description, examples: [SECRET] }));

export const NewAgent = Type.Object(
  {
    connection_id: connectionId,
    callback_secret: callbackSecret('Verifies callbacks. Shown this once; polling agents have none.'),
    mode: Mode,
  },
  { title: 'RegisteredAgent', description: 'A new connection.' },
);

export const UpdatedAgent = Type.Object(
  {
    connection_id: connectionId,
    updated: Type.Literal(true, { description: 'There was one already.' }),
    callback_secret: callbackSecret(
      'With `rotate_secret`, and when an agent that polled takes callbacks now.',
    ),
    mode: Mode,
  },
  {
    title: 'UpdatedAgent',
    description: 'A connection that was there already is as the request says, and active.',
  },
);

const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [0] });

const HealthAnswer = Type.Object(
  {
    state: oneOf(HEALTH_STATES, {
      description:
        '`never_seen` until it took a message or answered a ping; `failing` from the first failed attempt after its last success.',
    }),
    failures: count('Failed attempts since the last success.'),
    failing_since: Type.Optional(time('When the first of them was.')),
    last_error: Type.Optional(
      Type.String({ description: 'How the last attempt that failed ended.', examples: ['HTTP 500'] }),
    ),
    next_try_at: Type.Optional(time('When it is tried again.')),
    waiting: count(`Deliveries that wait, counted up to ${COUNTED_AT_MOST}.`),
    dead_letters: count(`Deliveries that failed for good, counted up to ${COUNTED_AT_MOST}.`),
  },
  { title: 'AgentHealth', description: 'How it is with an agent.' },
);

/** What friends may see of an agent, too. */
const publicFields = {
  id: connectionId,
  framework: Type.String({ description: 'What the agent is built with.', examples: [FRAMEWORK] }),
  label: Type.String({ description: 'Which of its owner’s agents it is.', examples: ['home'] }),
  description: Type.Optional(
    Type.String({ description: 'What it is for.', examples: ['Knows my calendar.'] }),
  ),
  capabilities: Type.Array(
    Type.String({ description: 'One thing that it can do.', examples: ['calendar'] }),
    { description: 'What it can do.' },
  ),
  routing_priority: Type.Integer({ description: 'The highest gets a message first.', examples: [10] }),
  public_key: Type.Optional(
    Type.String({ description: 'For end-to-end encryption between agents.', examples: [KEY] }),
  ),
  public_key_alg: Type.Optional(KeyAlgorithm),
  ...keysShown,
};

export const AgentAnswer = Type.Object(
  {
    ...publicFields,
    mode: Mode,
    callback_url: Type.Optional(
      Type.String({ description: 'Where messages are POSTed.', examples: [URL_EXAMPLE] }),
    ),
    callback_format: Type.Optional(
      Type.Literal('openclaw', { description: 'The form of the body, if not ours.' }),
    ),
    status: oneOf(['active', 'inactive', 'suspended'], {
      title: 'AgentStatus',
      description: '`inactive` after an answer of 410, `suspended` after days of failures.',
    }),
    health: HealthAnswer,
    last_seen: Type.Optional(time('When it last took a message, or answered a ping.')),
    created_at: time('When it was connected.'),
  },
  { title: 'Agent', description: 'A connection of one of your agents.' },
);

/** An agent as a friend of its owner sees it. */
export const ContactConnection = Type.Object(
  { ...publicFields, status: Type.Literal('active', { description: 'Only active ones are shown.' }) },
  { title: 'Contact', description: 'An agent of a friend, which you can write to.' },
);

export const AgentsQuery = Type.Object(WholeListQuery);

export const Ping = Type.Object(
  {
    success: Type.Boolean({
      description: 'The agent answered, with a status below 500. A polling agent is not asked: true.',
    }),
    latency_ms: Type.Integer({
      minimum: 0,
      description: 'How long the answer took; 0 for a polling agent.',
      examples: [42],
    }),
    mode: Mode,
    last_seen: Type.Optional(time('When it last took a message, or answered a ping.')),
    status_code: Type.Optional(
      Type.Integer({ description: 'The HTTP status of the answer.', examples: [200] }),
    ),
    error: Type.Optional(oneOf(PING_ERRORS, { description: 'Why there was none.' })),
  },
  { title: 'Ping', description: 'Whether the agent is there.' },
);
