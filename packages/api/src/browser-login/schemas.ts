import { exampleId, id, nullable, oneOf, text, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { signedInFields } from '../sessions/schemas.ts';

const CODE = 'K7Q2MX';

const oneOfOrNull = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Unsafe<Words[number] | null>({ enum: [...words, null], description, examples: [words[0]] });

const attemptFields = {
  attempt_id: id('lgn', 'The attempt.'),
  created_at: time('When it began.'),
  status: oneOf(['pending', 'approved', 'denied', 'expired', 'redeemed'], {
    title: 'BrowserLoginStatus',
    description: '`approved`: the browser can redeem it; `redeemed`: it has.',
  }),
  expires_at: time('Until when it can be approved and redeemed.'),
  approved_at: nullable(time('When an agent approved it.')),
  denied_at: nullable(time('When an agent denied it.')),
  redeemed_at: nullable(time('When the browser was signed in.')),
  failure_state: oneOfOrNull(['denied', 'expired'], 'Why it will not come to anything.'),
  failure_code: oneOfOrNull(['LOGIN_ATTEMPT_DENIED', 'LOGIN_ATTEMPT_EXPIRED'], 'The same as an error code.'),
  failure_message: nullable(
    Type.String({ description: 'The same for people.', examples: ['The sign-in was denied.'] }),
  ),
  failure_at: nullable(time('Since when.')),
  browser: Type.String({ description: 'The browser, as it calls itself.', examples: ['Firefox on Linux'] }),
};

const approvalCode = Type.String({ description: 'What the agent is to approve.', examples: [CODE] });

export const StartBody = Type.Object(
  {
    username: Type.String({
      maxLength: 100,
      description: 'Who wants to sign in. Whether there is such a person makes no difference to the answer.',
      examples: ['ann'],
      documented: { pattern: '^[A-Za-z0-9_-]{3,30}$' },
    }),
  },
  { title: 'StartBrowserLogin', description: 'A sign-in that waits for the approval of an agent.' },
);

export const Attempt = Type.Object(attemptFields, {
  title: 'BrowserLogin',
  description: 'A sign-in that waits for the approval of an agent, or what has become of it.',
});

export const AttemptWithCode = Type.Object(
  { ...attemptFields, approval_code: approvalCode },
  { title: 'BrowserLoginWithCode', description: 'A sign-in, with its code.' },
);

export const StartedAttempt = Type.Object(
  {
    ...attemptFields,
    approval_code: approvalCode,
    browser_token: Type.String({
      description: 'What the browser must show to go on; shown this once.',
      examples: ['wJ3cVb8sQnR5tYzKfM2pXdLhG7vTaE9uCiO0kBqSxWo'],
    }),
  },
  { title: 'StartedBrowserLogin', description: 'A sign-in that has begun.' },
);

export const ApprovalBody = Type.Object(
  {
    approval_code: text({
      minLength: 4,
      maxLength: 12,
      description: 'What the browser shows; case does not matter, nor does a dash.',
      examples: [CODE],
    }),
    attempt_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'The attempt, where it is known; else the code finds it.',
        examples: [exampleId('lgn')],
      }),
    ),
  },
  { title: 'BrowserLoginApproval', description: 'Which sign-in.' },
);

export const AttemptParams = Type.Object({
  id: Type.String({ description: 'The attempt, as its start answered it.', examples: [exampleId('lgn')] }),
});

export const TokenHeaders = Type.Object({
  'x-browser-login-token': Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'The `browser_token` of the start.',
      examples: ['wJ3cVb8sQnR5tYzKfM2pXdLhG7vTaE9uCiO0kBqSxWo'],
    }),
  ),
});

export const RedeemedAttempt = Type.Object(
  {
    ...signedInFields,
    attempt_id: id('lgn', 'The attempt.'),
    status: Type.Literal('redeemed', { description: 'It has served its purpose.' }),
  },
  { title: 'RedeemedBrowserLogin', description: 'You are signed in: the session is in a cookie.' },
);

export const DiagnosticsQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 20, description: 'At most so many.', examples: [8], default: 8 }),
  ),
});

export const Diagnostics = Type.Object(
  {
    attempts: Type.Array(AttemptWithCode, { description: 'The newest first; those of the last hour.' }),
    retrieved_at: time('Now.'),
  },
  { title: 'BrowserLoginDiagnostics', description: 'Who wants, or wanted, to sign in in your name.' },
);
