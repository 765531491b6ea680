import { Type } from 'typebox';
import { exampleId, id, oneOf, text } from '../http/fields.ts';
import { signedInFields } from '../sessions/schemas.ts';

const CODE = 'K7Q2MX';

const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    description,
    examples: ['2026-11-23T20:00:00.000Z'],
  });

const nullable = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Unsafe<Words[number] | null>({ enum: [...words, null], description, examples: [words[0]] });

const attemptFields = {
  attempt_id: id('lgn', 'The attempt.'),
  created_at: Type.String({
    format: 'date-time',
    description: 'When it began.',
    examples: ['2026-11-23T20:00:00.000Z'],
  }),
  status: oneOf(['pending', 'approved', 'denied', 'expired', 'redeemed'], {
    title: 'BrowserLoginStatus',
    description: '`approved`: the browser can redeem it; `redeemed`: it has.',
  }),
  expires_at: Type.String({
    format: 'date-time',
    description: 'Until when it can be approved and redeemed.',
    examples: ['2026-11-23T20:10:00.000Z'],
  }),
  approved_at: nullableTime('When an agent approved it.'),
  denied_at: nullableTime('When an agent denied it.'),
  redeemed_at: nullableTime('When the browser was signed in.'),
  failure_state: nullable(['denied', 'expired'], 'Why it will not come to anything.'),
  failure_code: nullable(['LOGIN_ATTEMPT_DENIED', 'LOGIN_ATTEMPT_EXPIRED'], 'The same as an error code.'),
  failure_message: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'The same for people.',
    examples: ['The sign-in was denied.'],
  }),
  failure_at: nullableTime('Since when.'),
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
    retrieved_at: Type.String({
      format: 'date-time',
      description: 'Now.',
      examples: ['2026-11-23T20:00:00.000Z'],
    }),
  },
  { title: 'BrowserLoginDiagnostics', description: 'Who wants, or wanted, to sign in in your name.' },
);
