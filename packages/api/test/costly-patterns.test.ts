import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { PatternTester } from '../src/policies/pattern-tester.ts';
import { ApiTelemetry } from '../src/telemetry.ts';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

/** The same text in every run, without a regularity that an automaton could cache. */
function randomLetters(count: number): string {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % 2 ? 'a' : 'b';
  }).join('');
}

const COSTLY = Array.from({ length: 20 }, (_, n) => `(a|b)*a(a|b){${100 + n}}c`);

const blocking = (pattern: string) => ({
  scope: 'global',
  policy_type: 'heuristic',
  policy_content: JSON.stringify({ blockedPatterns: [pattern] }),
});

test('whose patterns cost too much is refused first, and others do not queue behind', {
  timeout: 120_000,
}, async () => {
  await using here = await testApp(() => ({}), { TRUSTED_MODE: 'true', RATE_LIMIT: '10000' });
  const call = async (url: string, key: string | undefined, payload: object) =>
    here.app.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      ...(key && { headers: { authorization: `Bearer ${key}` } }),
      payload,
    });
  /** Somebody with policies, and a friend to write to. */
  const person = async (name: string, patterns: string[]) => {
    const [key, friend] = await Promise.all(
      [name, `${name}-friend`].map(
        async (username) => (await call('/auth/register', undefined, { username })).json().api_key as string,
      ),
    );
    await call('/agents', friend, { framework: 'f', label: 'l', mode: 'polling' });
    await call('/friends/request', key, { username: `${name}-friend` });
    await call('/friends/request', friend, { username: name });
    for (const pattern of patterns) {
      const policy = await call('/policies', key, blocking(pattern));
      assert.equal(policy.statusCode, 201, policy.body);
    }
    return (message: string) => call('/messages/send', key, { recipient: `${name}-friend`, message });
  };
  const hostile = await Promise.all([1, 2].map((n) => person(`eve-${n}`, COSTLY)));
  const ann = await person('ann', ['bad']);
  assert.equal((await ann('good')).statusCode, 200);
  const text = randomLetters(32_768);
  let underway = 0;
  const refusals: string[] = [];
  const attacks = hostile.map(async (send) => {
    for (let i = 0; i < 4; i++) {
      underway += 1;
      const answer = await send(text);
      underway -= 1;
      assert.ok([429, 503].includes(answer.statusCode), answer.body);
      refusals.push(answer.json().code);
    }
  });
  // The attacks take many seconds in all. A message that queued behind them would never be answered before one of
  // those that had begun.
  let overtook = 0;
  for (let during = 0; underway > 0 && during < 20; during += 1) {
    const endedBefore = refusals.length;
    assert.equal((await ann('good')).statusCode, 200);
    if (refusals.length === endedBefore) overtook += 1;
  }
  assert.ok(overtook > 0, 'every message waited for an attack');
  await Promise.all(attacks);
  assert.ok(refusals.includes('UNAVAILABLE') && refusals.includes('RATE_LIMITED'), refusals.join());
  assert.equal((await ann('bad')).statusCode, 403);
});

test('of what somebody sends at once, the rest is refused once it has cost too much', {
  timeout: 120_000,
}, async () => {
  await using here = await testApp(() => ({}), { TRUSTED_MODE: 'true', RATE_LIMIT: '10000' });
  const [eve, ben] = [await Person.register(here.app, 'eve'), await Person.register(here.app, 'ben')];
  await eve.befriend(ben);
  await ben.connectPolling();
  for (const pattern of COSTLY) await eve.ok('POST', '/policies', blocking(pattern));
  const text = randomLetters(32_768);
  const answers = await Promise.all(Array.from({ length: 8 }, () => eve.send(ben, text)));
  const refused = answers.filter(({ json }) => json.code === 'RATE_LIMITED');
  // Two that take two seconds each use the budget up, and one more may be under way.
  assert.ok(refused.length >= 5, JSON.stringify(answers.map(({ json }) => json.code)));
  assert.ok(refused.every(({ status, headers }) => status === 429 && Number(headers['retry-after']) > 0));
});

test('whoever has hundreds of messages waiting is refused more, and others are not', async () => {
  const telemetry = new ApiTelemetry(createRegistry('api'));
  const tester = new PatternTester({ clock: new SettableClock(), telemetry });
  const question = { patterns: ['good'], text: 'good' };
  const asked = Array.from({ length: 400 }, () => tester.ask('usr_eve', question));
  const other = tester.ask('usr_ann', question);
  const outcomes = await Promise.allSettled(asked);
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason.code] : [],
  );
  assert.ok(refusals.length > 0 && refusals.length < 300, `${refusals.length} refused`);
  assert.deepEqual([...new Set(refusals)], ['RATE_LIMITED']);
  assert.deepEqual((await other).matched, ['good']);
  assert.deepEqual((await tester.ask('usr_eve', question)).matched, ['good']);
  await tester.close();
});
