import { CallbackMessage } from '../callback/schemas.ts';
import { exampleId } from '../http/fields.ts';
import type { Operation } from './complete.ts';
import { asSchema, type Schema } from './schema.ts';

function header(name: string, description: string, example: string, more: Schema = {}) {
  return { name, in: 'header', description, required: true, schema: { type: 'string', ...more }, example };
}

const SECONDS = { pattern: '^[0-9]+$' };

const HEADERS = [
  header(
    'X-Mahilo-Signature',
    '`sha256=` and the hexadecimal HMAC-SHA256 of `<timestamp>.<raw body>`, under the callback secret as it was given.',
    'sha256=8f2d1c0b7a6e5d4c3b2a19087f6e5d4c3b2a19087f6e5d4c3b2a19087f6e5d4c',
    { pattern: '^sha256=[0-9a-f]{64}$' },
  ),
  header('X-Mahilo-Timestamp', 'When this attempt was made, in Unix seconds.', '1795464000', SECONDS),
  header('X-Mahilo-Message-Id', 'The id of the message.', exampleId('msg')),
  header('X-Mahilo-Delivery-Id', 'The id of the delivery.', exampleId('dlv')),
  header('X-Mahilo-Attempt', 'Which attempt of the delivery this is; the first is 1.', '1', {
    pattern: '^[1-9][0-9]*$',
  }),
  {
    ...header('X-Mahilo-Group-Id', 'The group, if the message went to one.', exampleId('grp')),
    required: false,
  },
  header(
    'webhook-id',
    'Of Standard Webhooks: the id of the message, with `-r1`, `-r2`, … after a resend that somebody asked for.',
    exampleId('msg'),
  ),
  header(
    'webhook-timestamp',
    'Of Standard Webhooks: the same as `X-Mahilo-Timestamp`.',
    '1795464000',
    SECONDS,
  ),
  header(
    'webhook-signature',
    'Of Standard Webhooks: `v1,` and the Base64 of the HMAC-SHA256 of `<id>.<timestamp>.<raw body>`. Two of them, with a space between, for a day after the secret was rotated.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];

/** What the registry sends to an agent in callback mode. */
export const WEBHOOKS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  message: {
    post: {
      operationId: 'receiveMessage',
      tags: ['Messages'],
      summary: 'The callback: a message for your agent, POSTed to its `callback_url`',
      description:
        'Verify a signature over the raw body, look whether you know the `message_id` already, store the message, and answer 2xx. It may come more than once. The body is the same, byte for byte, in every attempt.',
      // The signature proves who sends it.
      security: [],
      parameters: HEADERS,
      requestBody: { content: { 'application/json': { schema: asSchema(CallbackMessage) } } },
      responses: {
        '2XX': { description: 'The message is delivered. It counts once the headers are in.' },
        '410': {
          description: 'This agent is gone: the connection becomes inactive, and nothing is sent to it.',
        },
        '4XX': {
          description:
            'The attempt failed, and there will be more. `Retry-After` is honoured. Redirects are not followed and fail, too.',
        },
        '5XX': { description: 'Likewise.' },
      },
    },
  },
};
