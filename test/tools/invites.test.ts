import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld({ REGISTRATION: 'invite' });
before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

/** Runs an action on invites that must succeed. */
async function invites(...toolArguments: string[]) {
  const run = await world.admin(['invites', ...toolArguments, '--json']);
  assert.equal(run.code, 0, run.stderr);
  return run.json;
}

const register = (username: string, invite_token: string) =>
  world.nobody.call('POST', '/auth/register', { username, invite_token });

test('an invite is made while the API runs, lets its people in, and its token stands nowhere', async () => {
  const { id, invite_token, ...made } = await invites('create', '--uses', '2', '--note', 'Für Ben');
  assert.equal(made.uses, 2);
  const days = (Date.parse(made.expires_at) - Date.now()) / 86_400_000;
  assert.ok(days > 6.9 && days <= 7, made.expires_at);
  assert.equal((await register('ben', invite_token)).status, 201);

  const [listed] = await invites('list');
  const { created_at, expires_at, ...rest } = listed;
  assert.deepEqual(rest, { id, note: 'Für Ben', used: 1, uses: 2, status: 'open' });
  const { stdout } = await world.admin(['invites', 'list']);
  assert.match(stdout, new RegExp(`^${id}  open +1 of 2 .* Für Ben$`, 'm'));
  const [row] = await world.store.query('select * from invites');
  assert.doesNotMatch(stdout + JSON.stringify(row), new RegExp(invite_token));

  await invites('revoke', id);
  assert.equal((await register('cid', invite_token)).json.code, 'INVALID_INVITE_TOKEN');
  assert.equal((await invites('list'))[0].status, 'revoked');
  assert.equal((await world.admin(['invites', 'revoke', id])).code, 1);
});

test('the operator registers people without an invite, also under a reserved name', async () => {
  const run = await world.admin(['users', 'create', 'support', '--json']);
  assert.equal(run.json.username, 'support');
});

test('what an invite cannot be is said in a sentence', async () => {
  for (const [wrong, sentence] of [
    [['create', '--days', '366'], /--days is at most 365/],
    [['create', '--days', '0'], /--days must be a whole number from 1/],
    [['create', '--uses', '101'], /--uses is at most 100/],
    [['create', '--note', 'x'.repeat(201)], /--note has at most 200 characters/],
    [['revoke'], /Say create, list or revoke ID/],
  ] as const) {
    const run = await world.admin(['invites', ...wrong]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, sentence);
  }
});
