import type { Static } from 'typebox';
import { apiKey, id, text, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';

const inviteToken = (description: string) =>
  text({ maxLength: 100, description, examples: ['mhi_8hK2mQx4vT1nRw7b'] });

export const RegisterBody = Type.Object(
  {
    username: Type.String({
      description:
        '3–30 of A–Z a–z 0–9 _ -; case does not matter. Some names, such as `admin`, are reserved.',
      examples: ['ann'],
      documented: { pattern: '^[A-Za-z0-9_-]{3,30}$' },
    }),
    display_name: Type.Optional(
      text({ maxLength: 100, description: 'What your friends are shown.', examples: ['Ann Other'] }),
    ),
    invite_token: Type.Optional(inviteToken('Where one has to be invited to register.')),
    inviteToken: Type.Optional(inviteToken('The same, for existing clients.')),
    retry_token: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]*$',
        minLength: 32,
        maxLength: 128,
        description:
          'Made by chance, by you alone: for an hour, who sends it with the same username gets the same answer again. So an answer that is lost loses no API key. Forget it as soon as you have the key.',
        examples: ['mFq2xT0cWJrV7bKz9dYhN4sL1pGeA8uo'],
      }),
    ),
  },
  {
    title: 'Register',
    description: 'A new person.',
    examples: [{ username: 'ann', display_name: 'Ann Other' }],
  },
);

export type NewUser = Static<typeof RegisterBody>;

export const Registered = Type.Object(
  {
    user_id: id('usr', 'Your id.'),
    username: username('Your name, in lower case.'),
    api_key: apiKey('Shown this once.'),
  },
  { title: 'Registered', description: 'You are registered.' },
);

export const Me = Type.Object(
  {
    user_id: id('usr', 'Your id.'),
    username: username('Your name.'),
    display_name: Type.Optional(
      Type.String({ description: 'What your friends are shown.', examples: ['Ann Other'] }),
    ),
    created_at: time('When you registered.'),
    operator: Type.Optional(
      Type.Literal(true, { description: 'You are signed in as the operator: `/admin` is for you.' }),
    ),
  },
  { title: 'Profile', description: 'The person whose key asks.' },
);

export const MeChangesBody = Type.Object(
  {
    display_name: text({
      maxLength: 100,
      description: 'What your friends are shown.',
      examples: ['Ann Other'],
    }),
  },
  { title: 'ChangeProfile', description: 'What is to change.' },
);
