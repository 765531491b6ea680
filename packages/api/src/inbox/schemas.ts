import { callbackFields } from '../callback/schemas.ts';
import { exampleId } from '../http/fields.ts';
import { Type } from '../http/type.ts';

export const DEFAULT_LIMIT = 50;
/** Deliveries acknowledged in one request at most; ten full answers. */
const MAX_ACKNOWLEDGED = 1000;
/** Longest wait (s), as of `Prefer: wait`. */
const MAX_WAIT_S = 30;

export const InboxQuery = Type.Object({
  connection_id: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'Whose messages. Default: all of your polling connections.',
      examples: [exampleId('conn')],
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT, description: 'Messages in an answer.' }),
  ),
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_WAIT_S,
      default: 0,
      description: 'Seconds to wait for a message when there is none.',
    }),
  ),
});

const RECEIPT = `${exampleId('dlv')}.Zk3vQ9`;

export const Acknowledgement = Type.Object(
  {
    receipts: Type.Optional(
      Type.Array(
        Type.String({ maxLength: 100, description: 'A `receipt` of the inbox.', examples: [RECEIPT] }),
        {
          maxItems: MAX_ACKNOWLEDGED,
          description: 'Acknowledges exactly what was fetched: one of an earlier fetch acknowledges nothing.',
        },
      ),
    ),
    delivery_ids: Type.Optional(
      Type.Array(
        Type.String({
          maxLength: 100,
          description: 'A `delivery_id` of the inbox.',
          examples: [exampleId('dlv')],
        }),
        {
          maxItems: MAX_ACKNOWLEDGED,
          description: 'The same, whoever has fetched them last. One of the two is required.',
        },
      ),
    ),
  },
  {
    title: 'AcknowledgeMessages',
    description: 'What your agent has dealt with.',
    examples: [{ receipts: [RECEIPT] }],
    documented: { anyOf: [{ required: ['receipts'] }, { required: ['delivery_ids'] }] },
  },
);

export const Acknowledged = Type.Object(
  {
    acknowledged: Type.Integer({
      minimum: 0,
      description: 'How many were settled by this request.',
      examples: [1],
    }),
  },
  { title: 'AcknowledgedMessages', description: 'What is settled now.' },
);

const InboxMessage = Type.Object(
  { ...callbackFields, receipt: Type.String({ description: 'Acknowledge this.', examples: [RECEIPT] }) },
  {
    title: 'InboxMessage',
    description: 'The body of the callback that would have been sent, and its receipt.',
  },
);

/** The text that is answered, which is JSON already. */
export const InboxMessages = Type.Unsafe<string>(
  Type.Array(InboxMessage, {
    description: 'Oldest first. Each is yours for 60 seconds, and comes again if nobody acknowledges it.',
  }),
);
