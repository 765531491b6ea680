import { exampleId, id, oneOf, shortText } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { CHECKS, VERDICTS } from './verdict.ts';

export const SentTest = Type.Object(
  {
    message_id: id('msg', 'The message, which you have sent to yourself.'),
    delivery_id: id('dlv', 'Its delivery: see there what becomes of it.'),
    status: Type.Literal('pending', { description: 'It is on its way.' }),
  },
  { title: 'SentTest', description: 'A test message is on its way to your agent.' },
);

const CheckAnswer = Type.Object(
  {
    name: oneOf(CHECKS, {
      title: 'CheckName',
      description:
        '`valid`: a callback as any other. `forged`: with a wrong signature. `repeated`: the first one again. `stale`: signed ten minutes ago.',
    }),
    verdict: oneOf(VERDICTS, {
      title: 'CheckVerdict',
      description: '`skipped`: not sent, because the agent did not take a valid one.',
    }),
    advice: shortText('What that means, and what to do about it.', 'It takes what the registry signs.'),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'What it was sent, without `callback_headers`.',
        examples: [{ 'X-Mahilo-Message-Id': exampleId('msg') }],
      }),
    ),
    duration_ms: Type.Optional(
      Type.Integer({ minimum: 0, description: 'How long the answer took.', examples: [42] }),
    ),
    status_code: Type.Optional(
      Type.Integer({ description: 'The HTTP status of the answer.', examples: [200] }),
    ),
    error: Type.Optional(
      Type.String({ description: 'Why there was none.', examples: ['No answer within 10000 ms.'] }),
    ),
    response_excerpt: Type.Optional(
      Type.String({ description: 'How the body of the answer begins.', examples: ['ok'] }),
    ),
  },
  { title: 'Check', description: 'One callback, and what the agent made of it.' },
);

export const AgentCheckAnswer = Type.Object(
  {
    passed: Type.Boolean({ description: 'Whether all were passed.' }),
    timeout_ms: Type.Integer({
      description: 'How long a delivery waits for an answer; a check waits ten seconds at most.',
      examples: [30_000],
    }),
    checks: Type.Array(CheckAnswer, { description: 'In the order in which they were sent.' }),
  },
  { title: 'AgentCheck', description: 'Whether an agent treats callbacks as it should.' },
);
