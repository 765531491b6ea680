import { type Static, Type } from 'typebox';
import { oneOf, text } from '../http/fields.ts';
import { WholeListQuery } from '../http/whole-list.ts';
import { COUNTED_AT_MOST, HEALTH_STATES } from '../waiting/health.ts';
import { MODES_SHOWN } from './connections.ts';
import { PING_ERRORS } from './ping.ts';

export const RegisterAgentBody = Type.Object({
  framework: text({ minLength: 1, maxLength: 50 }),
  label: text({ minLength: 1, maxLength: 50 }),
  description: Type.Optional(text({ maxLength: 500 })),
  capabilities: Type.Optional(
    Type.Unknown({
      description:
        'At most 50 texts of 1–64 characters: an array, or the same as a JSON or comma-separated text.',
    }),
  ),
  routing_priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: 'Default 0.' })),
  mode: Type.Optional(
    oneOf(MODES_SHOWN, {
      description:
        '`webhook` is another word for `callback`, which answers repeat. Default: `callback` with a URL, `polling` without.',
    }),
  ),
  callback_url: Type.Optional(Type.String({ description: 'Required in callback mode.' })),
  callback_secret: Type.Optional(
    text({
      minLength: 16,
      maxLength: 64,
      description: 'Made by the registry when absent; polling agents have none.',
    }),
  ),
  public_key: Type.Optional(
    text({ minLength: 1, maxLength: 500, description: 'For end-to-end encryption between agents.' }),
  ),
  public_key_alg: Type.Optional(oneOf(['ed25519', 'x25519'])),
  rotate_secret: Type.Optional(
    Type.Boolean({ description: 'For a known agent: make a new secret; the old one signs along for 24 h.' }),
  ),
});

export type RegisterAgent = Static<typeof RegisterAgentBody>;

export const NewAgent = Type.Object({
  connection_id: Type.String(),
  callback_secret: Type.Optional(
    Type.String({ description: 'Verifies callbacks. Shown this once; polling agents have none.' }),
  ),
  mode: oneOf(MODES_SHOWN),
});

export const UpdatedAgent = Type.Object({
  connection_id: Type.String(),
  updated: Type.Literal(true),
  callback_secret: Type.Optional(
    Type.String({ description: 'With `rotate_secret`, and when an agent that polled takes callbacks now.' }),
  ),
  mode: oneOf(MODES_SHOWN),
});

const Time = Type.String({ format: 'date-time' });

const HealthAnswer = Type.Object({
  state: oneOf(HEALTH_STATES, {
    description:
      '`never_seen` until it took a message or answered a ping; `failing` from the first failed attempt after its last success.',
  }),
  failures: Type.Integer({ description: 'Failed attempts since the last success.' }),
  failing_since: Type.Optional(Time),
  last_error: Type.Optional(Type.String()),
  next_try_at: Type.Optional(Time),
  waiting: Type.Integer({ description: `Deliveries that wait, counted up to ${COUNTED_AT_MOST}.` }),
  dead_letters: Type.Integer({
    description: `Deliveries that failed for good, counted up to ${COUNTED_AT_MOST}.`,
  }),
});

export const AgentAnswer = Type.Object({
  id: Type.String(),
  framework: Type.String(),
  label: Type.String(),
  description: Type.Optional(Type.String()),
  capabilities: Type.Array(Type.String()),
  routing_priority: Type.Integer(),
  mode: oneOf(MODES_SHOWN),
  callback_url: Type.Optional(Type.String()),
  public_key: Type.Optional(Type.String()),
  public_key_alg: Type.Optional(Type.String()),
  status: oneOf(['active', 'inactive', 'suspended']),
  health: HealthAnswer,
  last_seen: Type.Optional(Time),
  created_at: Time,
});

export const AgentsQuery = Type.Object(WholeListQuery);

export const Ping = Type.Object({
  success: Type.Boolean({
    description: 'The agent answered, with a status below 500. A polling agent is not asked: true.',
  }),
  latency_ms: Type.Integer({ description: '0 for a polling agent.' }),
  mode: oneOf(MODES_SHOWN),
  last_seen: Type.Optional(Time),
  status_code: Type.Optional(Type.Integer()),
  error: Type.Optional(oneOf(PING_ERRORS)),
});
