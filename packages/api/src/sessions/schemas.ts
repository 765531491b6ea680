import type { Static } from 'typebox';
import { id, nullable, oneOf, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';

export const NewSessionBody = Type.Object(
  {
    api_key: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'An API key of scope `all`.',
        examples: ['mhl_7Kq2mWz9Lp4X_4fT8xVbN1cRjYpQe6uHsLgDa0oKiZwM5'],
      }),
    ),
    link_token: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'What stands behind the `#` of a link from the operator.',
        examples: ['wJ3cVb8sQnR5tYzKfM2pXdLhG7vTaE9uCiO0kBqSxWo'],
      }),
    ),
  },
  {
    title: 'SignIn',
    description: 'One of the two.',
    examples: [{ api_key: 'mhl_7Kq2mWz9Lp4X_4fT8xVbN1cRjYpQe6uHsLgDa0oKiZwM5' }],
    documented: { oneOf: [{ required: ['api_key'] }, { required: ['link_token'] }] },
  },
);

export type NewSession = Static<typeof NewSessionBody>;

/** What an answer says that signs somebody in. */
export const signedInFields = {
  authenticated: Type.Literal(true, { description: 'You are signed in; the cookie says so.' }),
  user_id: id('usr', 'Your id.'),
  username: username('Your name.'),
  display_name: nullable(
    Type.String({ description: 'What your friends are shown; null: nothing.', examples: ['Ann Other'] }),
  ),
  session_expires_at: time('When you will have to sign in again, at the latest.'),
};

export const SignedIn = Type.Object(
  { ...signedInFields, session_id: id('ses', 'The session.') },
  {
    title: 'SignedIn',
    description: 'Who is signed in. The session itself is in a cookie, and nowhere else.',
  },
);

export const Session = Type.Object(
  {
    id: id('ses', 'The session.'),
    way: oneOf(['api_key', 'agent', 'link'], {
      title: 'SignInWay',
      description:
        'How you signed in: with a key, by the approval of an agent, or with a link of the operator’s.',
    }),
    browser: Type.String({ description: 'The browser, as it calls itself.', examples: ['Firefox on Linux'] }),
    created_at: time('When you signed in.'),
    last_used_at: time('When it was last used, to the hour.'),
    expires_at: time('When it ends, unless it is used before.'),
    current: Type.Optional(Type.Literal(true, { description: 'It is the session that asks.' })),
  },
  { title: 'Session', description: 'A browser at which you are signed in.' },
);

export const SessionParams = Type.Object({
  id: Type.String({
    description: 'The id of a session; `current`: the one that asks; `others`: all but the one that asks.',
    examples: ['others'],
  }),
});
