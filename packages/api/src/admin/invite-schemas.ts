import { INVITE_BOUNDS, INVITE_STATES } from '@mahilo/operator/invite-status';
import { id, oneOf, text, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';

const uses = (description: string) =>
  Type.Integer({ minimum: 1, maximum: INVITE_BOUNDS.uses, description, examples: [1] });

export const Invite = Type.Object(
  {
    id: id('inv', 'The invitation.'),
    status: oneOf(INVITE_STATES, {
      title: 'InviteStatus',
      description: '`open`: somebody can still register with it.',
    }),
    used: Type.Integer({ minimum: 0, description: 'How many have registered with it.', examples: [0] }),
    uses: uses('How many may.'),
    note: Type.Optional(Type.String({ description: 'Whom it is for.', examples: ['Ben, from the office'] })),
    created_at: time('When it was made.'),
    expires_at: time('When it ends.'),
  },
  { title: 'Invite', description: 'An invitation to register.' },
);

export const NewInviteBody = Type.Object(
  {
    uses: Type.Optional(uses('How many people may register with it: 1, unless you say otherwise.')),
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: INVITE_BOUNDS.days,
        description: 'For how many days it is good: 7, unless you say otherwise.',
        examples: [7],
      }),
    ),
    note: Type.Optional(
      text({
        maxLength: INVITE_BOUNDS.note,
        description: 'Whom it is for; only operators see it.',
        examples: ['Ben, from the office'],
      }),
    ),
  },
  { title: 'CreateInvite', description: 'A new invitation.', examples: [{ uses: 1, days: 7 }] },
);

export const CreatedInvite = Type.Object(
  {
    id: id('inv', 'The invitation.'),
    invite_token: Type.String({
      description: 'Shown this once: what a person gives as `invite_token` when they register.',
      examples: ['mhi_8hK2mQx4vT1nRw7b'],
    }),
    uses: uses('How many may register with it.'),
    expires_at: time('When it ends.'),
  },
  { title: 'CreatedInvite', description: 'The new invitation.' },
);
