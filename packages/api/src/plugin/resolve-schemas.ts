import { oneOf, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { ContractVersion, decision, deliveryMode, orNull, resolution, SelectorsAnswer } from './fields.ts';

const told = (description: string, example: string) => Type.String({ description, examples: [example] });

export const ResolveAnswer = Type.Object(
  {
    contract_version: ContractVersion,
    resolution_id: resolution('The one of the request, or a new one.'),
    decision: decision('What would be decided.'),
    delivery_mode: deliveryMode('How it would be delivered.'),
    resolution_summary: told('What would be decided, for people.', 'No policy concerns the message.'),
    agent_guidance: told('What your agent should do.', 'It would be sent now.'),
    reason_code: told('Why.', 'policy.allow.no_match'),
    server_selectors: SelectorsAnswer,
    resolved_recipient: Type.Object(
      {
        recipient: told('A username, or the id of a group.', 'ben'),
        recipient_connection_id: orNull(Type.String(), 'The agent that would get it; null for a group.'),
        recipient_type: oneOf(['user', 'group'], { description: 'A person or a group.' }),
      },
      { title: 'ResolvedRecipient', description: 'Where it would go.' },
    ),
    review: Type.Object(
      {
        required: Type.Boolean({ description: 'Whether it would be held.', examples: [false] }),
        review_id: Type.Null({ description: 'Nothing is held yet.', examples: [null] }),
      },
      { title: 'ResolvedReview', description: 'Whether you would have to decide.' },
    ),
    recipient_results: Type.Array(
      Type.Object(
        {
          recipient: told('A username.', 'ben'),
          decision: decision('What would be decided.'),
          delivery_mode: deliveryMode('How it would be delivered.'),
        },
        { title: 'PreviewResult', description: 'What would be decided about one recipient.' },
      ),
      { description: 'One for each person whom it would reach.' },
    ),
    expires_at: time('Until when this is worth something.'),
  },
  { title: 'SendPreview', description: 'What would become of a message.' },
);
