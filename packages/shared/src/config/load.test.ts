import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDirectory } from '../../test/directory.ts';
import { ConfigError, loadSettings } from './load.ts';
import { type Settings, settingsSchema } from './settings.ts';

const SECRET_KEY = 'a-secret-key-for-tests-that-is-long-enough';

function mistakesIn(environment: Record<string, string>): readonly string[] {
  try {
    loadSettings(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.mistakes;
  }
  return [];
}

const mistakesWith = (environment: Record<string, string>) => mistakesIn({ SECRET_KEY, ...environment });

test('with nothing but a secret key every setting has the default of the deployment guide', () => {
  const { SECRET_KEY: given, ...settings } = loadSettings({ SECRET_KEY });
  assert.equal(given, SECRET_KEY);
  const guide: Partial<Settings> = {
    PORT: 8080,
    HOST: '0.0.0.0',
    DATABASE_URL: './data/mahilo.db',
    NODE_ENV: 'development',
    RATE_LIMIT: 100,
    MAX_PAYLOAD_SIZE: 32_768,
    MAX_RETRIES: 5,
    CALLBACK_TIMEOUT_MS: 30_000,
    ALLOW_PRIVATE_IPS: false,
  };
  assert.deepEqual({ ...settings, ...guide }, settings);
});

test('the settings that the deployment guide does not know have their defaults too', () => {
  const settings = loadSettings({ SECRET_KEY });
  const defaults = Object.entries(settingsSchema.properties).flatMap(([name, facts]) =>
    'default' in facts ? [[name, facts.default]] : [],
  );
  assert.deepEqual(settings, { SECRET_KEY, ...Object.fromEntries(defaults) });
  const { LEASE_MS, RETRY_BASE_MS, RETRY_FACTOR, RETENTION_DAYS, METRICS_HOST } = settings;
  assert.deepEqual(
    [LEASE_MS, RETRY_BASE_MS, RETRY_FACTOR, RETENTION_DAYS, METRICS_HOST],
    [60_000, 5000, 5, 30, '127.0.0.1'],
  );
});

test('every setting has a sentence for people', () => {
  for (const [name, facts] of Object.entries(settingsSchema.properties)) {
    assert.match('description' in facts ? String(facts.description) : '', /^[A-Z].*\.$/s, name);
  }
});

test('given values are taken in their types, and other variables are left alone', () => {
  const settings = loadSettings({
    SECRET_KEY,
    PORT: '0',
    RETRY_FACTOR: '1.5',
    ALLOW_PRIVATE_IPS: 'true',
    LOG_LEVEL: 'silent',
    METRICS_PORT: '9464',
    EGRESS_DENY: '10.0.0.0/8',
    PATH: '/usr/bin',
  });
  const { PORT, RETRY_FACTOR, ALLOW_PRIVATE_IPS, LOG_LEVEL, METRICS_PORT, EGRESS_DENY } = settings;
  assert.deepEqual(
    [PORT, RETRY_FACTOR, ALLOW_PRIVATE_IPS, LOG_LEVEL, METRICS_PORT, EGRESS_DENY],
    [0, 1.5, true, 'silent', 9464, '10.0.0.0/8'],
  );
  assert.ok(!('PATH' in settings));
});

test('an empty variable counts as unset', () => {
  const empty = Object.fromEntries(Object.keys(settingsSchema.properties).map((name) => [name, '']));
  assert.deepEqual(loadSettings({ ...empty, SECRET_KEY }), loadSettings({ SECRET_KEY }));
  assert.match(mistakesIn({ SECRET_KEY: '' })[0] ?? '', /^SECRET_KEY is not set: /);
});

for (const [name, value, sentence] of [
  ['PORT', '65536', 'PORT must be a whole number from 0 to 65535, but it is "65536".'],
  ['PORT', '80.5', 'PORT must be a whole number from 0 to 65535, but it is "80.5".'],
  ['PORT', 'http', 'PORT must be a whole number from 0 to 65535, but it is "http".'],
  ['METRICS_PORT', '-1', 'METRICS_PORT must be a whole number from 0 to 65535, but it is "-1".'],
  ['MAX_RETRIES', '101', 'MAX_RETRIES must be a whole number from 0 to 100, but it is "101".'],
  ['LEASE_MS', '499', 'LEASE_MS must be a whole number from 500 to 86400000, but it is "499".'],
  ['RETRY_FACTOR', '0.5', 'RETRY_FACTOR must be a number from 1 to 100, but it is "0.5".'],
  ['RETRY_FACTOR', 'Infinity', 'RETRY_FACTOR must be a number from 1 to 100, but it is "Infinity".'],
  ['LEASE_MS', 'Infinity', 'LEASE_MS must be a whole number from 500 to 86400000, but it is "Infinity".'],
  ['PORT', ' ', 'PORT must be a whole number from 0 to 65535, but it is " ".'],
  ['NODE_ENV', 'prod', 'NODE_ENV must be one of development, production, test, but it is "prod".'],
  [
    'LOG_LEVEL',
    'verbose',
    'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, but it is "verbose".',
  ],
  ['ALLOW_PRIVATE_IPS', 'yes', 'ALLOW_PRIVATE_IPS must be true or false, but it is "yes".'],
] as const) {
  test(`${name}=${value} is told in one sentence`, () => {
    assert.deepEqual(mistakesWith({ [name]: value }), [sentence]);
  });
}

test('the first and the last value within the bounds are taken', () => {
  for (const [name, value] of [
    ['PORT', 65_535],
    ['MAX_RETRIES', 0],
    ['LEASE_MS', 500],
    ['RETRY_FACTOR', 1],
    ['RETENTION_DAYS', 36_500],
  ] as const) {
    assert.equal(loadSettings({ SECRET_KEY, [name]: String(value) })[name], value);
  }
});

test('mistakes in networks, servers and the database are told together with the others', () => {
  const mistakes = mistakesIn({
    SECRET_KEY: 'short',
    PORT: 'http',
    TRUST_PROXY: '0.0.0.0/0',
    EGRESS_ALLOW: 'everything',
    EGRESS_PORTS: '0',
    EGRESS_PROXY: 'proxy',
    DNS_SERVERS: 'nine',
    DATABASE_URL: 'mysql://db/mahilo',
  });
  assert.deepEqual(mistakes.map((sentence) => sentence.split(' ')[0]).toSorted(), [
    'DATABASE_URL',
    'DNS_SERVERS',
    'EGRESS_ALLOW',
    'EGRESS_PORTS',
    'EGRESS_PROXY',
    'PORT',
    'SECRET_KEY',
    'TRUST_PROXY',
  ]);
  for (const everybody of ['::/0', '10.0.0.0/8, 0.0.0.0/0']) {
    assert.match(
      mistakesWith({ TRUST_PROXY: everybody }).join(),
      /^TRUST_PROXY must name your reverse proxies/,
    );
  }
});

test('all mistakes are told at once, one sentence for each variable', () => {
  const mistakes = mistakesIn({ PORT: 'x', NODE_ENV: 'y', RATE_LIMIT: '0', ALLOW_PRIVATE_IPS: '2' });
  const names = mistakes.map((sentence) => sentence.split(' ')[0]);
  assert.deepEqual(names.toSorted(), ['ALLOW_PRIVATE_IPS', 'NODE_ENV', 'PORT', 'RATE_LIMIT', 'SECRET_KEY']);
});

test('settings that contradict each other are told, too', () => {
  assert.deepEqual(mistakesWith({ RETRY_BASE_MS: '2000', RETRY_MAX_MS: '1000' }), [
    'RETRY_BASE_MS (2000) must not be greater than RETRY_MAX_MS (1000).',
  ]);
});

test('leaking a secret by giving a wrong one: the value is never repeated', () => {
  const short = mistakesIn({ SECRET_KEY: 'hunter2-too-short' }).join();
  assert.match(short, /^SECRET_KEY is too short: .*32 random characters/);
  const server = mistakesWith({ DATABASE_URL: 'postgres://mahilo:hunter2@db' }).join();
  assert.match(server, /^DATABASE_URL is no URL of a PostgreSQL database/);
  for (const reported of [short, server]) assert.doesNotMatch(reported, /hunter2/);
});

/** The settings when SECRET_KEY_FILE names a file with this content. */
function withSecretFile(content: string, environment: Record<string, string> = {}) {
  using directory = new TestDirectory();
  const file = directory.file('secret-key');
  writeFileSync(file, content);
  const given = { ...environment, SECRET_KEY_FILE: file };
  const mistakes = mistakesIn(given);
  return { mistakes, key: mistakes.length === 0 ? loadSettings(given).SECRET_KEY : undefined };
}

test('the secret key may stand in a file, with or without a line break at its end', () => {
  for (const end of ['', '\n', '\r\n', '\n\n']) {
    assert.deepEqual(withSecretFile(`${SECRET_KEY}${end}`), { mistakes: [], key: SECRET_KEY });
  }
  const spaces = ` ${SECRET_KEY} `;
  assert.equal(withSecretFile(`${spaces}\n`).key, spaces, 'everything else belongs to the secret');
});

test('a secret key given both ways is taken when both say the same, and is a mistake when they differ', () => {
  assert.equal(withSecretFile(`${SECRET_KEY}\n`, { SECRET_KEY }).key, SECRET_KEY);
  const other = 'another-secret-key-that-is-long-enough-too';
  const { mistakes } = withSecretFile(other, { SECRET_KEY });
  assert.deepEqual(mistakes, [
    'SECRET_KEY and SECRET_KEY_FILE give different secrets: set only one of them.',
  ]);
});

test('a file without a usable secret key is told in one sentence, which does not repeat it', () => {
  const reported = (content: string) => withSecretFile(content).mistakes;
  assert.deepEqual(reported(''), ['SECRET_KEY_FILE names a file that is empty.']);
  assert.deepEqual(reported('\n'), ['SECRET_KEY_FILE names a file that is empty.']);
  assert.deepEqual(reported('hunter2'), [
    'SECRET_KEY_FILE names a file whose secret is too short: it must have at least 32 characters.',
  ]);
});

test('a file that cannot be read is told with the reason; its name is not repeated, it could be the key itself', () => {
  using directory = new TestDirectory();
  assert.deepEqual(mistakesIn({ SECRET_KEY_FILE: 'hunter2' }), [
    'SECRET_KEY_FILE names a file that does not exist (a relative path starts at the working directory).',
  ]);
  assert.deepEqual(mistakesIn({ SECRET_KEY_FILE: directory.path }), [
    'SECRET_KEY_FILE names a file that is a directory.',
  ]);
  // Even if the key is there, so that nobody believes that the file counts.
  assert.equal(mistakesWith({ SECRET_KEY_FILE: directory.path }).length, 1);
});

test('a file of somebody else is told with the user who may not read it', (t) => {
  if (process.getuid?.() === 0) return t.skip('root may read everything');
  using directory = new TestDirectory();
  const file = directory.file('secret-key');
  writeFileSync(file, SECRET_KEY);
  chmodSync(file, 0);
  assert.match(
    mistakesIn({ SECRET_KEY_FILE: file }).join(),
    /^SECRET_KEY_FILE .*\(user \d+\) may not read\.$/,
  );
});

test('a second secret key may be given while the first one is changed, in either way; the same one twice is a mistake', () => {
  using directory = new TestDirectory();
  const SECRET_KEY_PREVIOUS = 'the-secret-key-before-that-was-long-enough';
  const file = directory.file('previous');
  writeFileSync(file, `${SECRET_KEY_PREVIOUS}\n`);
  for (const given of [{ SECRET_KEY_PREVIOUS }, { SECRET_KEY_PREVIOUS_FILE: file }]) {
    assert.equal(loadSettings({ SECRET_KEY, ...given }).SECRET_KEY_PREVIOUS, SECRET_KEY_PREVIOUS);
  }
  assert.deepEqual(mistakesWith({ SECRET_KEY_PREVIOUS: SECRET_KEY }), [
    'SECRET_KEY_PREVIOUS is the same as SECRET_KEY: give the one before it, or none.',
  ]);
  assert.match(
    mistakesWith({ SECRET_KEY_PREVIOUS: 'hunter2' }).join(),
    /^SECRET_KEY_PREVIOUS is too short: /,
  );
});
