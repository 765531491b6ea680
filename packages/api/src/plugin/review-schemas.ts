import { exampleId, id, oneOf } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { ContractVersion } from './fields.ts';

const Decision = oneOf(['approve', 'reject'], {
  description: '`approve` sends the message, `reject` does not.',
});

export const ReviewParams = Type.Object({
  id: Type.String({
    maxLength: 100,
    description: 'The `review_id`, or the id of the message.',
    examples: [`rev_${exampleId('msg')}`],
  }),
});

export const ReviewDecisionBody = Type.Object(
  { decision: Decision },
  { title: 'DecideReview', description: 'What you decide about a held message.' },
);

export const DecidedReviewAnswer = Type.Object(
  {
    contract_version: ContractVersion,
    review_id: Type.String({ description: 'The review.', examples: [`rev_${exampleId('msg')}`] }),
    message_id: id('msg', 'The message; it keeps the id that the held one had.'),
    decision: Decision,
    status: oneOf(['approved', 'rejected'], { description: 'What became of the review.' }),
    delivery_id: Type.Optional(id('dlv', 'The delivery of an approved message to a person.')),
    deduplicated: Type.Optional(
      Type.Literal(true, { description: 'It was decided before, and nothing changed now.' }),
    ),
  },
  { title: 'DecidedReview', description: 'What was held, and is no longer.' },
);
