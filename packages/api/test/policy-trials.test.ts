import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '@mahilo/shared/clock';
import { loadSettings } from '@mahilo/shared/config/load';
import { MahiloError } from '@mahilo/shared/errors';
import { apiDatabase } from '../src/access/api-database.ts';
import type { PatternQuestion } from '../src/policies/pattern-thread.ts';
import { PolicyTrial } from '../src/trials/policy-trial.ts';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';
import { until } from './until.ts';

let here: TestApp;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
});
after(() => here[Symbol.asyncDispose]());

let made = 0;

async function friends(): Promise<{ ann: Person; ben: Person; cid: Person }> {
  made += 1;
  const named = (name: string) => Person.register(here.app, `${name}-${made}`);
  const [ann, ben, cid] = [await named('ann'), await named('ben'), await named('cid')];
  for (const friend of [ben, cid]) {
    await ann.befriend(friend);
    await friend.connectPolling();
  }
  return { ann, ben, cid };
}

const RULES = { scope: 'global', evaluator: 'heuristic', effect: 'deny' } as const;
const store = async (who: Person, policy: object): Promise<string> =>
  (await who.ok('POST', '/policies', { ...RULES, ...policy })).policy_id;
const tried = (who: Person, recipient: string, message: string, more: object = {}) =>
  who.ok('POST', '/policies/test', { recipient, message, ...more });

const DRAFT = { ...RULES, policy_content: { blockedPatterns: ['o'] } } as const;
const nobodyLeaves = new AbortController().signal;

/** Trials whose patterns all match, once `look` is done. */
function trialWith(look: (question: PatternQuestion) => Promise<void>): PolicyTrial {
  return new PolicyTrial(
    {
      db: apiDatabase(here.db, systemClock),
      settings: loadSettings({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' }),
      clock: systemClock,
    },
    {
      async ask(_userId, question) {
        await look(question);
        return { matched: question.patterns, spans: [], cpuMs: 1 };
      },
      close: async () => undefined,
    },
  );
}

describe('a message that is tried', () => {
  test('is judged as it would be, and each policy says which rule it was, and where', async () => {
    const { ann, ben } = await friends();
    const secrets = await store(ann, {
      policy_content: { blockedPatterns: ['nothing', 'pass\\w+'] },
      priority: 5,
    });
    const long = await store(ann, { policy_content: { maxLength: 3 } });
    const answer = await tried(ann, ben.username, '🔑 Password, passport.');
    assert.deepEqual(answer, {
      effect: 'deny',
      summary: 'Denied: The message matches blockedPatterns[1] of a policy.',
      reason_code: 'policy.deny.global.heuristic',
      enforced: false,
      concerned: [
        {
          policy_id: secrets,
          scope: 'global',
          effect: 'deny',
          priority: 5,
          decides: true,
          rule: 'blockedPatterns',
          index: 1,
          reason: 'The message matches blockedPatterns[1]',
          spans: [
            { start: 3, end: 11 },
            { start: 13, end: 21 },
          ],
        },
        {
          policy_id: long,
          scope: 'global',
          effect: 'deny',
          priority: 0,
          decides: false,
          rule: 'maxLength',
          reason: 'The message is longer than maxLength (3)',
          spans: [],
        },
      ],
    });
    const allowed = await tried(ann, ben.username, 'ok');
    assert.deepEqual([allowed.effect, allowed.concerned], ['allow', []]);
    assert.deepEqual(await ben.ok('GET', '/inbox'), []);
    assert.deepEqual(await ann.ok('GET', '/messages'), []);
  });

  test('is judged with a draft, in place of the policy that it replaces', async () => {
    const { ann, ben, cid } = await friends();
    const stored = await store(ann, { policy_content: { blockedPatterns: ['secret'] } });
    const draft = {
      ...RULES,
      scope: 'user',
      target_id: ben.username,
      effect: 'ask',
      policy_content: { blockedPatterns: ['secret'] },
    };
    const withDraft = await tried(ann, ben.username, 'a secret', { draft });
    assert.equal(withDraft.effect, 'ask');
    const decides = withDraft.concerned.find((one: { decides: boolean }) => one.decides);
    assert.deepEqual(
      [decides.policy_id, decides.scope, decides.spans],
      [undefined, 'user', [{ start: 2, end: 8 }]],
    );
    assert.equal((await tried(ann, cid.username, 'a secret', { draft })).effect, 'deny');
    const replaced = await tried(ann, cid.username, 'a secret', { draft, replaces: stored });
    assert.deepEqual([replaced.effect, replaced.concerned], ['allow', []]);
    assert.equal((await ann.ok('GET', '/policies')).length, 1);
  });

  test('goes to a role, to a group, and is of a kind', async () => {
    const { ann, ben } = await friends();
    const [{ id }] = (await ann.ok('GET', '/friends')).filter(
      ({ username }: { username: string }) => username === ben.username,
    );
    const role = { ...RULES, scope: 'role', target_id: 'family', policy_content: { maxLength: 0 } };
    assert.equal((await tried(ann, ben.username, 'hello', { draft: role })).effect, 'allow');
    await ann.ok('POST', `/friends/${id}/roles`, { role: 'family' });
    assert.equal((await tried(ann, ben.username, 'hello', { draft: role })).effect, 'deny');
    const { group_id } = await ann.ok('POST', '/groups', { name: `trials-${made}` });
    const ofGroup = {
      ...RULES,
      scope: 'group',
      target_id: group_id,
      policy_content: { requireContext: true },
    };
    const toGroup = { recipient_type: 'group', draft: ofGroup };
    assert.equal((await tried(ann, group_id, 'hello', toGroup)).effect, 'deny');
    assert.equal((await tried(ann, group_id, 'hello', { ...toGroup, context: 'why' })).effect, 'allow');
    assert.equal((await tried(ann, ben.username, 'hello', { draft: ofGroup })).effect, 'allow');
    const places = { ...RULES, resource: 'location.current', policy_content: {} };
    assert.equal(
      (await tried(ann, group_id, 'x', { recipient_type: 'group', draft: places })).effect,
      'allow',
    );
    const about = { resource: 'location.current', recipient_type: 'group', draft: places };
    assert.equal((await tried(ann, group_id, 'x', about)).effect, 'deny');
    const strangers = await ben.call('POST', '/policies/test', {
      recipient: group_id,
      recipient_type: 'group',
      message: 'x',
    });
    assert.deepEqual([strangers.status, strangers.json.code], [403, 'NOT_MEMBER']);
  });

  test('a draft that could not be stored is refused as if it were', async () => {
    const { ann, ben } = await friends();
    const { group_id } = await ben.ok('POST', '/groups', { name: `bens-${made}` });
    const bad: [draft: object, code: string, path?: string][] = [
      [
        { policy_content: { blockedPatterns: ['ok', '('] } },
        'INVALID_POLICY_CONTENT',
        'policy_content.blockedPatterns.1',
      ],
      [{ policy_content: { maxlength: 1 } }, 'INVALID_POLICY_CONTENT', 'policy_content.maxlength'],
      [{ evaluator: 'llm', policy_content: 'Be nice.' }, 'INVALID_POLICY', 'draft.evaluator'],
      [{ scope: 'user', policy_content: {} }, 'INVALID_POLICY', 'target_id'],
      [{ scope: 'role', target_id: 'enemies', policy_content: {} }, 'INVALID_ROLE'],
      [{ scope: 'group', target_id: group_id, policy_content: {} }, 'NOT_MEMBER'],
      [{ policy_content: 7 }, 'INVALID_REQUEST', 'draft.policy_content'],
    ];
    for (const [change, code, path] of bad) {
      for (const body of [{ recipient: ben.username, message: 'x' }, {}]) {
        const to = 'message' in body ? '/policies/test' : '/policies/sample';
        const { json } = await ann.call('POST', to, { ...body, draft: { ...RULES, ...change } });
        assert.equal(json.code, code, JSON.stringify(json));
        if (path !== undefined) assert.equal(json.details[0].path, path);
      }
    }
    const long = await ann.call('POST', '/policies/test', {
      recipient: ben.username,
      message: 'x'.repeat(32_769),
    });
    assert.deepEqual([long.status, long.json.code], [413, 'PAYLOAD_TOO_LARGE']);
    const { json } = await ann.call('POST', '/policies/test', { recipient: 'nobody-there', message: 'x' });
    assert.equal(json.code, 'USER_NOT_FOUND');
  });
});

describe('a policy that is tried over what was sent', () => {
  test('finds the messages that it would have concerned, and leaves out what it cannot read', async () => {
    const { ann, ben, cid } = await friends();
    for (const message of ['the secret is 1', 'hello', 'another secret']) await ann.send(ben, message);
    await ann.send(cid, 'a secret for cid');
    await ann.send(ben, 'c2VjcmV0', { payload_type: 'application/mahilo+ciphertext' });
    const { json: gone } = await ann.send(ben, 'an erased secret');
    await ann.ok('DELETE', `/messages/${gone.message_id}`);
    const draft = { ...RULES, policy_content: { blockedPatterns: ['secret'] } };
    const all = await ann.ok('POST', '/policies/sample', { draft });
    assert.deepEqual([all.tried, all.encrypted, all.is_complete], [4, 1, true]);
    const excerpts = (sample: { concerned: { excerpt: string; recipient: string }[] }) =>
      sample.concerned.map(({ excerpt, recipient }) => `${recipient}: ${excerpt}`);
    assert.deepEqual(excerpts(all), [
      `${cid.username}: a secret for cid`,
      `${ben.username}: another secret`,
      `${ben.username}: the secret is 1`,
    ]);
    const forBen = await ann.ok('POST', '/policies/sample', {
      draft: { ...draft, scope: 'user', target_id: ben.id },
    });
    assert.equal(forBen.concerned.length, 2);
    const few = await ann.ok('POST', '/policies/sample', { draft, sample: 3 });
    assert.deepEqual(
      [few.tried, few.is_complete, excerpts(few)],
      [1, true, [`${cid.username}: a secret for cid`]],
    );
    assert.deepEqual((await ben.ok('POST', '/policies/sample', { draft })).concerned, []);
  });

  test('stops where its patterns have cost too much, and says so', async () => {
    const { ann, ben } = await friends();
    for (const message of ['one', 'two', 'three']) await ann.send(ben, message);
    let left = 2;
    const trial = trialWith(async () => {
      if (left === 0) throw new MahiloError('RATE_LIMITED', 'The patterns cost too much.');
      left -= 1;
    });
    const { tried, is_complete, concerned } = await trial.sample(ann, { draft: DRAFT }, nobodyLeaves);
    assert.deepEqual(
      [tried, is_complete, concerned.map(({ excerpt }) => excerpt)],
      [2, false, ['three', 'two']],
    );
    await assert.rejects(trial.sample(ann, { draft: DRAFT }, nobodyLeaves), { code: 'RATE_LIMITED' });
  });

  test('reads a few messages at a time: one that is erased meanwhile is not tried', async () => {
    const { ann, ben } = await friends();
    const { json: oldest } = await ann.send(ben, 'the oldest');
    for (let n = 0; n < 24; n += 1) await ann.send(ben, `o ${n}`);
    const trial = trialWith(async ({ text }) => {
      if (text === 'o 23') await ann.ok('DELETE', `/messages/${oldest.message_id}`);
    });
    const { tried, is_complete } = await trial.sample(ann, { draft: DRAFT }, nobodyLeaves);
    assert.deepEqual([tried, is_complete], [24, true]);
    const few = await trial.sample(ann, { draft: DRAFT, sample: 13 }, nobodyLeaves);
    assert.deepEqual([few.tried, few.is_complete, few.concerned.at(-1)?.excerpt], [13, true, 'o 11']);
  });

  test('goes no further when nobody waits for the answer', async () => {
    const { ann, ben } = await friends();
    for (const message of ['one', 'two', 'three']) await ann.send(ben, message);
    const client = new AbortController();
    const asked: string[] = [];
    const trial = trialWith(async ({ text }) => {
      asked.push(text);
      if (text === 'two') client.abort();
    });
    await trial.sample(ann, { draft: DRAFT }, client.signal);
    assert.deepEqual(asked, ['three', 'two']);
  });
});

describe('trials at once', () => {
  test('are two of a user and sixteen of all, and make room when they end', { timeout: 60_000 }, async () => {
    const { ann, ben } = await friends();
    const gate = Promise.withResolvers<void>();
    let waiting = 0;
    const trial = trialWith(() => {
      waiting += 1;
      return gate.promise;
    });
    const test = (user: { id: string; username: string }) =>
      trial.message(user, { recipient: ben.username, message: 'o', draft: DRAFT });
    const others = Array.from({ length: 7 }, (_, n) => ({ id: `usr_${n}`, username: `other-${n}` }));
    const goingOn = [ann, ann, ...others, ...others].map(test);
    await assert.rejects(test(ann), { code: 'QUOTA_EXCEEDED', retryAfterSeconds: 2 });
    await assert.rejects(trial.sample(ann, { draft: DRAFT }, nobodyLeaves), { code: 'QUOTA_EXCEEDED' });
    await assert.rejects(test(ben), { code: 'UNAVAILABLE', retryAfterSeconds: 2 });
    await until(() => waiting === goingOn.length);
    gate.resolve();
    await Promise.all(goingOn);
    await Promise.all([ben, ann, ann].map(test));
  });

  test('are refused as any bound is, with a time to try again', async () => {
    const { ann, ben } = await friends();
    await ann.send(ben, 'o');
    const path = '/policies/sample';
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => ann.call('POST', path, { draft: DRAFT })),
    );
    const refused = answers.find(({ status }) => status !== 200);
    assert.deepEqual([refused?.status, refused?.json.code], [429, 'QUOTA_EXCEEDED']);
    assert.equal(refused?.json.details[0].path, 'trials_per_user');
    assert.equal(refused?.headers['retry-after'], '2');
    await ann.ok('POST', path, { draft: DRAFT });
  });
});
