import type { Static } from 'typebox';
import { oneOf, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';

const Finding = Type.Object(
  {
    check: Type.String({ description: 'What was looked at.', examples: ['disk'] }),
    level: oneOf(['ok', 'note', 'problem'], {
      title: 'FindingLevel',
      description: '`ok`: it is right. `note`: worth knowing. `problem`: it does not work, or soon will not.',
    }),
    finding: Type.String({ description: 'What was found.', examples: ['12 GB are free.'] }),
    advice: Type.Optional(Type.String({ description: 'What to do about it.', examples: ['Make room.'] })),
  },
  { title: 'Finding', description: 'Something that the doctor has looked at.' },
);

const doctorFields = {
  ok: Type.Boolean({ description: 'There is no problem.' }),
  findings: Type.Array(Finding, { description: 'What the doctor has found.' }),
};

const Doctor = Type.Object(doctorFields);
/** What `doctor --json` prints. */
export type DoctorAnswer = Static<typeof Doctor>;

export const HealthAnswer = Type.Object(
  { ...doctorFields, checked_at: time('When the doctor looked; it is remembered for 30 seconds.') },
  { title: 'RegistryHealth', description: 'How the registry is.' },
);

export const ProcessesAnswer = Type.Object(
  {
    version: Type.String({ description: 'The version of the API.', examples: ['1.0.0'] }),
    workers: Type.Array(
      Type.Object(
        {
          id: Type.String({ description: 'The worker.', examples: ['wkr_01m84zwwg0e28thb7ktkjzc1rr'] }),
          started_at: time('When it started.'),
          last_heard_of_at: time('When it last said that it is alive.'),
          alive: Type.Boolean({ description: 'Whether that was just now.' }),
        },
        { title: 'WorkerProcess', description: 'A process that delivers.' },
      ),
      { description: 'The workers that run, or did not end properly.' },
    ),
  },
  { title: 'Processes', description: 'The processes of the registry.' },
);

const counts = {
  current: Type.Integer({ minimum: 0, description: 'Under `SECRET_KEY`.', examples: [12] }),
  previous: Type.Integer({ minimum: 0, description: 'Under `SECRET_KEY_PREVIOUS`.', examples: [0] }),
  lost: Type.Integer({ minimum: 0, description: 'Under neither: these do not work.', examples: [0] }),
};

const secretFields = {
  api_keys: Type.Object(
    {
      ...counts,
      unknown: Type.Integer({ minimum: 0, description: 'Known once they are used.', examples: [0] }),
    },
    { title: 'KeysBySecret', description: 'API keys.' },
  ),
  callback_secrets: Type.Object(counts, {
    title: 'SecretsBySecret',
    description: 'Secrets of callbacks.',
  }),
  check_value_is_previous: Type.Boolean({
    description: 'What tells whether SECRET_KEY is right is still under the previous one.',
  }),
  users_not_current: Type.Array(username('Somebody.'), {
    description: 'Who has an API key that is not under `SECRET_KEY`; the first hundred.',
  }),
};

const Secret = Type.Object(secretFields);
/** What `secret status --json` prints. */
export type SecretCounts = Static<typeof Secret>;

export const SecretAnswer = Type.Object(
  {
    ...secretFields,
    checked_at: time('When it was looked at; it is remembered for 30 seconds.'),
    previous_is_given: Type.Boolean({ description: 'Whether `SECRET_KEY_PREVIOUS` is set.' }),
  },
  { title: 'SecretState', description: 'How far a change of the secret is.' },
);

export const SettingAnswer = Type.Object(
  {
    name: Type.String({ description: 'The environment variable.', examples: ['RATE_LIMIT'] }),
    description: Type.String({ description: 'What it does.', examples: ['Requests per minute per user.'] }),
    value: Type.Optional(
      Type.String({
        description: 'What is in force; of a secret `set`; without it, nothing.',
        examples: ['100'],
      }),
    ),
    default: Type.Optional(
      Type.String({ description: 'What holds when nobody gives it.', examples: ['100'] }),
    ),
    unit: Type.Optional(Type.String({ description: 'What it is counted in.', examples: ['ms'] })),
    given: Type.Boolean({ description: 'Whether somebody has given it.' }),
    secret: Type.Boolean({ description: 'Its value is never shown.' }),
  },
  { title: 'Setting', description: 'A setting of the API process.' },
);

export const SettingsAnswer = Type.Object(
  {
    settings: Type.Array(SettingAnswer, { description: 'All of them.' }),
    warnings: Type.Array(
      Type.String({
        description: 'A sentence about one of them.',
        examples: ['RATE_LIMITS is no setting and is not read; did you mean RATE_LIMIT?'],
      }),
      { description: 'Variables that nobody reads although they look like a setting.' },
    ),
  },
  { title: 'Settings', description: 'The settings of the API process.' },
);
