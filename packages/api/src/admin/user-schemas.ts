import { LimitAnswer } from '../bounds/routes.ts';
import { apiKey, id, shortText, text, time, username } from '../http/fields.ts';
import { PageQuery } from '../http/pagination.ts';
import { Type } from '../http/type.ts';

export const UsersQuery = Type.Object({
  q: Type.Optional(
    text({
      maxLength: 30,
      description: 'What the names begin with; case does not matter.',
      examples: ['an'],
    }),
  ),
  disabled: Type.Optional(Type.Boolean({ description: 'Only disabled ones.', examples: [false] })),
  ...PageQuery,
});

const facts = {
  user_id: id('usr', 'The user.'),
  username: username('Their name.'),
  display_name: Type.Optional(
    Type.String({ description: 'What friends are shown.', examples: ['Ann Other'] }),
  ),
  created_at: time('When they registered.'),
  disabled_at: Type.Optional(time('Since when they are shut out.')),
  operator_since: Type.Optional(time('Since when they may be the operator at a browser.')),
};

export const User = Type.Object(
  {
    ...facts,
    deleted_at: Type.Optional(time('When the account was deleted; the name stays taken.')),
    agents: Type.Integer({ minimum: 0, description: 'How many agents they have.', examples: [2] }),
  },
  { title: 'User', description: 'Somebody of this registry.' },
);

export const UserDetails = Type.Object(
  {
    ...facts,
    limits: Type.Array(LimitAnswer, {
      description: 'What they may have so much of, and how much they have.',
    }),
  },
  { title: 'UserDetails', description: 'Somebody of this registry, and how much they have.' },
);

export const NewUserBody = Type.Object(
  {
    username: text({ maxLength: 100, description: '3–30 of A–Z a–z 0–9 _ -.', examples: ['ann'] }),
    display_name: Type.Optional(
      text({ maxLength: 100, description: 'What their friends are shown.', examples: ['Ann Other'] }),
    ),
  },
  { title: 'CreateUser', description: 'Somebody new.', examples: [{ username: 'ann' }] },
);

export const ChangeUserBody = Type.Object(
  {
    disabled: Type.Boolean({ description: 'Whether they are shut out.', examples: [true] }),
    reason: Type.Optional(shortText('Why, for the audit trail.', 'They send spam.', 200)),
  },
  { title: 'ChangeUser', description: 'What is to change.', examples: [{ disabled: true }] },
);

const link = {
  link_token: Type.String({
    description:
      'The link is `<registry>/console/#link=<link_token>`. Shown this once; whoever has it can sign in.',
    examples: ['wJ3cVb8sQnR5tYzKfM2pXdLhG7vTaE9uCiO0kBqSxWo'],
  }),
  expires_at: time('Until when it can be used.'),
};

export const SignInLink = Type.Object(link, {
  title: 'SignInLink',
  description: 'A link with which a user signs in, once.',
});

export const CreatedUser = Type.Object(
  { user_id: facts.user_id, username: facts.username, ...link },
  { title: 'CreatedUser', description: 'Somebody new, and the link with which they sign in.' },
);

export const NewKeyOfUser = Type.Object(
  { api_key: apiKey('Shown this once. All others are dead.') },
  { title: 'NewKeyOfUser', description: 'A new API key.' },
);
