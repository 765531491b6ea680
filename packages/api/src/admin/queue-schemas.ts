import { id, oneOf, shortText, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';

const host = Type.String({
  maxLength: 300,
  description: 'The host, and the port if it is another one than usual.',
  examples: ['agent.example'],
});

const reason = shortText(
  'Why: whoever waits for what is held reads it.',
  'It answers nothing but errors.',
  200,
);

export const QueueQuery = Type.Object({
  by: Type.Optional(
    oneOf(['host', 'agent'], {
      title: 'QueueBy',
      description: 'A row for each host of callbacks, or for each agent.',
    }),
  ),
  host: Type.Optional(host),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'Rows at most.', examples: [50] }),
  ),
});

const count = (description: string, example = 0) =>
  Type.Integer({ minimum: 0, description, examples: [example] });

const counts = {
  waiting: count('Deliveries that wait; of one agent counted up to 1,000.', 3),
  in_flight: count('Deliveries that are on their way; of one agent counted up to 1,000.'),
  dead_letters: count('Deliveries that failed for good; of one agent counted up to 1,000.', 12),
};

const state = {
  first_due_at: Type.Optional(time('When the delivery that waits longest was, or will be, due.')),
  failing_since: Type.Optional(time('When the first failed attempt was since the last that worked.')),
  next_try_at: Type.Optional(time('When the circuit breaker lets the next attempt through.')),
  last_error: Type.Optional(
    Type.String({
      description: 'How the last attempt of what waits, or failed, ended.',
      examples: ['HTTP 503'],
    }),
  ),
};

export const QueueHost = Type.Object(
  {
    host: Type.Optional({ ...host, description: 'Without it: agents that fetch their messages.' }),
    agents: count('Agents there that something is owed to, or that have dead letters.', 1),
    ...counts,
    ...state,
    failing: count('Agents there that fail.', 1),
    held: count('Agents there that the operator holds.'),
  },
  { title: 'QueueHost', description: 'What is owed to the agents at a host.' },
);

export const QueueAgent = Type.Object(
  {
    connection_id: id('conn', 'The agent.'),
    username: username('Whose it is.'),
    framework: Type.String({ description: 'What it is.', examples: ['openclaw'] }),
    label: Type.String({ description: 'Which one.', examples: ['home'] }),
    mode: oneOf(['callback', 'polling'], { title: 'QueueMode', description: 'How it gets its messages.' }),
    status: oneOf(['active', 'inactive', 'suspended', 'deleted'], {
      title: 'QueueAgentStatus',
      description: 'As its owner sees it.',
    }),
    host: Type.Optional(host),
    ...counts,
    ...state,
    failures: count('Failed attempts since the last that worked.'),
    last_seen: Type.Optional(time('When it last took a delivery, or answered a ping.')),
    owner_is_disabled: Type.Optional(Type.Literal(true, { description: 'Its owner is disabled.' })),
    held_at: Type.Optional(time('Since when the operator holds it.')),
    held_reason: Type.Optional(Type.String({ description: 'Why.', examples: ['It answers nothing.'] })),
  },
  { title: 'QueueAgent', description: 'What is owed to an agent.' },
);

export const QueueAnswer = Type.Object(
  {
    ...counts,
    is_complete: Type.Boolean({ description: 'No agent was left out, and no count stopped early.' }),
    checked_at: time('When it was looked at; it is remembered for 5 seconds.'),
    more: count('Rows that are not shown.'),
    hosts: Type.Optional(Type.Array(QueueHost, { description: 'By host.' })),
    agents: Type.Optional(Type.Array(QueueAgent, { description: 'By agent.' })),
  },
  { title: 'Queue', description: 'What is owed to whom.' },
);

export const HoldBody = Type.Object({ reason }, { title: 'Hold', description: 'Why it is held.' });
export const HostBody = Type.Object({ host }, { title: 'AtHost', description: 'Which agents.' });
export const HostHoldBody = Type.Object(
  { host, reason },
  { title: 'HoldHost', description: 'Which agents, and why they are held.' },
);
export const AgentsAtHost = Type.Object(
  { agents: count('How many agents it was done to.', 2) },
  { title: 'AgentsAtHost', description: 'It is done.' },
);
