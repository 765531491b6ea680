import { exampleId, nullable, text, time } from '../http/fields.ts';
import { SINCE } from '../http/since.ts';
import { Type } from '../http/type.ts';

const count = (description: string, example = 0) =>
  Type.Integer({ minimum: 0, description, examples: [example] });

const CURSOR = 'Y29ubl8wMW04NHp3d2cwZTI4dGhiN2t0a2p6YzFycg';

const error = Type.String({ description: 'How they failed.', examples: ['HTTP 503'] });

export const DeadLetters = Type.Object(
  {
    is_complete: Type.Boolean({ description: 'All are in these groups.' }),
    checked_at: time('When they were looked at; it is remembered for 5 seconds.'),
    groups: Type.Array(
      Type.Object(
        {
          host: Type.Optional(
            Type.String({
              description: 'The host of the callbacks; without it, agents that fetch their messages.',
              examples: ['agent.example'],
            }),
          ),
          error,
          count: count('How many.', 12),
          agents: count('Of how many agents.', 1),
          oldest_at: time('When the first of them was accepted.'),
          newest_at: time('When the last of them was accepted.'),
        },
        { title: 'DeadLetterGroup', description: 'Dead letters to one host that failed in the same way.' },
      ),
      { description: 'The largest first.' },
    ),
  },
  { title: 'DeadLetters', description: 'Dead letters of everybody.' },
);

export const RequeueBody = Type.Object(
  {
    dry_run: Type.Boolean({ description: 'Only count them.', examples: [true] }),
    connection_id: Type.Optional(
      text({ maxLength: 100, description: 'Those to this agent.', examples: [exampleId('conn')] }),
    ),
    host: Type.Optional(
      nullable(
        text({
          maxLength: 300,
          description: 'Those to agents at this host; null: to agents that fetch their messages.',
          examples: ['agent.example'],
        }),
      ),
    ),
    error: Type.Optional(
      text({ maxLength: 2000, description: 'Those that failed like this.', examples: ['HTTP 503'] }),
    ),
    since: Type.Optional(
      Type.String({ maxLength: 40, description: 'Those that were accepted since then.', ...SINCE }),
    ),
    cursor: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'From the answer before: goes on there, and meets nothing that has failed again.',
        examples: [CURSOR],
        documented: { pattern: '^[A-Za-z0-9_-]+$' },
      }),
    ),
  },
  {
    title: 'RequeueDeadLetters',
    description: 'Which ones: all that fit everything that is said.',
    examples: [{ dry_run: true, host: 'agent.example' }],
  },
);

export const RequeuedDeadLetters = Type.Object(
  {
    dry_run: Type.Boolean({ description: 'They were only counted.' }),
    matched: Type.Optional(count('With `dry_run`: how many fit, counted up to 1,000.', 12)),
    requeued: Type.Optional(count('How many go out again.', 12)),
    agents: count('Of how many agents they are.', 1),
    skipped_agents: count('Agents that were left out: they are inactive, or deleted.'),
    more: Type.Boolean({ description: 'There may be more: ask again with the cursor.' }),
    cursor: Type.Optional(
      Type.String({ description: 'Where it stopped, when there may be more.', examples: [CURSOR] }),
    ),
  },
  { title: 'RequeuedDeadLetters', description: 'What became of them.' },
);
