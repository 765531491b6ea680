import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Mahilo } from '@mahilo/client';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { Terminal } from './terminal.ts';

const world = new InProcessWorld({ TRUSTED_MODE: 'true' });
const [anns, bens] = [new Terminal(), new Terminal()];
let api: Awaited<ReturnType<InProcessWorld['startApi']>>;

before(async () => {
  api = await world.startApi();
  await anns.ok(['register', 'ann', world.url, '--name', 'Ann Smith']);
  await bens.ok(['register', 'ben', `${world.url}/api/v1/`]);
  await anns.ok(['friends', 'add', 'ben']);
  await bens.ok(['friends', 'accept', 'Ann']);
});
after(async () => {
  for (const terminal of [anns, bens]) terminal[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

/** Reads everything that waits. */
const emptied = (terminal: Terminal) => terminal.ok(['inbox']);

test('two people hold a conversation', async () => {
  const [sent] = await anns.json(['send', 'ben', 'Are you free?', '--topic', 'dinner']);
  assert.equal(sent.status, 'pending');
  assert.match(
    await anns.ok(['status', sent.message_id]),
    /pending {2}from ann to ben.*\n {2}ben {2}pending {2}\S/,
  );

  const [message, ...others] = await bens.json(['inbox']);
  assert.deepEqual(others, []);
  assert.equal(message.receipt, undefined);
  const { message_id, sender, message: text, correlation_id } = message;
  assert.deepEqual(
    [message_id, sender, text, correlation_id],
    [sent.message_id, 'ann', 'Are you free?', 'dinner'],
  );
  assert.equal(await bens.ok(['inbox']), '', 'what was printed is acknowledged');

  await bens.ok(['reply', message_id, '-'], {}, 'Yes.\nAt eight?\n');
  const printed = await anns.ok(['inbox']);
  assert.match(
    printed,
    new RegExp(
      `^msg_\\w+ {2}ben {2}\\S+, encrypted, topic dinner, answers ${message_id}\n {2}\\| Yes\\.\n {2}\\| At eight\\?\n$`,
    ),
  );
  const [status] = await anns.json(['status', message_id]);
  assert.equal(status.status, 'delivered');
});

test('friends, groups and agents are listed', async () => {
  assert.equal(await bens.ok(['friends']), 'ann  accepted  Ann Smith\n');
  await world.nobody.register('cid').then((cid) => cid.ok('POST', '/friends/request', { username: 'ann' }));
  assert.match(await anns.ok(['friends']), /^ben {2}accepted\ncid {2}asks you\n$/);
  await anns.ok(['friends', 'reject', 'cid']);
  await anns.ok(['friends', 'block', 'cid']);
  const friends = await anns.json(['friends']);
  assert.deepEqual(
    friends.map(({ username, status }) => [username, status]),
    [
      ['ben', 'accepted'],
      ['cid', 'blocked'],
    ],
  );
  await anns.ok(['friends', 'remove', 'cid']);
  const [agent] = await anns.json(['agents']);
  assert.deepEqual([agent.framework, agent.label, agent.mode], ['cli', 'mailbox', 'polling']);
  assert.equal(await anns.ok(['groups']), '');
});

test('a browser is let in, or kept out, by the code that it shows', async () => {
  const start = () => world.nobody.ok('POST', '/auth/browser-login/attempts', { username: 'ann' });
  const [own, foreign] = [await start(), await start()];
  const code = own.approval_code.replace(/^.../, '$&-').toLowerCase();
  assert.equal(await anns.ok(['approve', code]), 'Another program is let in.\n');
  assert.equal(await anns.ok(['approve', '--deny', foreign.approval_code]), 'Another program is kept out.\n');
  const redeem = ({ attempt_id, browser_token }: { attempt_id: string; browser_token: string }) =>
    world.nobody.call('POST', `/auth/browser-login/attempts/${attempt_id}/redeem`, undefined, {
      'x-browser-login-token': browser_token,
    });
  assert.deepEqual([(await redeem(own)).status, (await redeem(foreign)).status], [200, 403]);
  const { stderr } = await anns.run(['approve', 'ABCDEF']);
  assert.match(stderr, /^LOGIN_ATTEMPT_NOT_FOUND: /);
});

test('in a group the answer goes to the group', async () => {
  const key = JSON.parse(readFileSync(anns.loginFile, 'utf8')).key;
  const ann = new Mahilo({ url: world.url, key });
  const { group_id } = await ann.request('POST', '/groups', { body: { name: 'club', invite_only: false } });
  const ben = new Mahilo({ url: world.url, key: JSON.parse(readFileSync(bens.loginFile, 'utf8')).key });
  await ben.request('POST', `/groups/${group_id}/join`);
  assert.equal(await bens.ok(['groups']), `${group_id}  club  member  2 members\n`);
  await anns.ok(['send', group_id, 'Who comes?']);
  const [{ message_id }] = await bens.json(['inbox']);
  await bens.ok(['reply', message_id, 'I do']);
  const [answer] = await anns.json(['inbox']);
  assert.deepEqual([answer.group_id, answer.in_response_to, answer.message], [group_id, message_id, 'I do']);
});

test('an answer that a policy asks about is held, and what it answers is not marked as read', async () => {
  const [{ message_id: asked }] = await anns.json(['send', 'ben', 'Lunch?']);
  assert.equal((await bens.json(['inbox', '--keep'])).length, 1);
  const ben = new Mahilo({ url: world.url, key: JSON.parse(readFileSync(bens.loginFile, 'utf8')).key });
  const policy_content = JSON.stringify({ blockedPatterns: ['maybe'] });
  const rule = { scope: 'global', policy_type: 'heuristic', policy_content, effect: 'ask' };
  await ben.request('POST', '/policies', { body: rule });
  const { exitCode, stdout, stderr } = await bens.run(['reply', asked, 'maybe', '--plain']);
  const [held = ''] = stdout.split(' ');
  assert.deepEqual([exitCode, stdout], [0, `${held}  review_required\n`]);
  assert.match(stderr, new RegExp(`reviews/${held}/decision`));
  assert.match(await bens.ok(['status', held]), /^msg_\w+ {2}review_required {2}\S/);
  assert.equal((await anns.json(['status', asked]))[0].status, 'pending');
  await ben.request('POST', `/plugin/reviews/${held}/decision`, { body: { decision: 'approve' } });
  await bens.ok(['reply', asked, 'Yes']);
  assert.equal((await anns.json(['status', asked]))[0].status, 'delivered');
  await emptied(anns);
});

test('the login is for its owner alone, and for its registry alone', async () => {
  assert.equal(statSync(anns.loginFile).mode & 0o777, 0o600);
  assert.equal(statSync(join(anns.loginFile, '..')).mode & 0o777, 0o700);
  const { key } = JSON.parse(readFileSync(anns.loginFile, 'utf8'));

  using other = new Terminal();
  const first = await other.run(['login', world.url], {}, `${key}\n`);
  assert.deepEqual([first.exitCode, first.stdout], [0, 'ann\n']);
  assert.ok(!first.stderr.includes(key) && !first.stderr.includes('replaces'));
  const bensKey = JSON.parse(readFileSync(bens.loginFile, 'utf8')).key;
  const second = await other.run(['login'], {}, bensKey);
  assert.match(second.stderr, /This replaces the login of ann at /);
  assert.equal(await other.ok(['whoami']), `ben at ${world.url}\n`);
  assert.equal(await other.ok(['whoami'], { MAHILO_KEY: key }), `ann at ${world.url}\n`);
  assert.equal(
    await new Terminal().ok(['whoami'], { MAHILO_KEY: key, MAHILO_URL: world.url }),
    `ann at ${world.url}\n`,
  );

  const asked: unknown[] = [];
  const stranger = createServer((request, response) => {
    asked.push(request.headers.authorization);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  const { port } = (await eventually(() => stranger.address() ?? undefined)) as AddressInfo;
  const elsewhere = await other.run(['whoami'], { MAHILO_URL: `http://127.0.0.1:${port}` });
  assert.deepEqual([elsewhere.exitCode, asked], [3, []]);
  stranger.close();
});

test('who has registered and got no mailbox keeps the key, and goes on by login or by register', async () => {
  const key = `mhl_${'a'.repeat(10)}_${'b'.repeat(40)}`;
  const fault = { error: 'Something went wrong on our side.', code: 'INTERNAL_ERROR', request_id: 'req_1' };
  const answers: Record<string, [status: number, body: object]> = {
    '/api/v1/auth/register': [201, { user_id: 'usr_1', username: 'dora', api_key: key }],
    '/api/v1/auth/me': [200, { user_id: 'usr_1', username: 'dora' }],
    'GET /api/v1/agents': [200, []],
    '/api/v1/agents': [500, fault],
  };
  const asked: string[] = [];
  const registry = createServer(({ method, url = '', headers }, response) => {
    asked.push(`${url} ${headers.authorization === `Bearer ${key}` ? 'dora' : 'nobody'}`);
    const [status, body] = answers[`${method} ${url}`] ?? answers[url] ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  const { port } = (await eventually(() => registry.address() ?? undefined)) as AddressInfo;
  using doras = new Terminal();
  const login = () => JSON.parse(readFileSync(doras.loginFile, 'utf8'));
  const register = ['register', 'Dora', `http://127.0.0.1:${port}`];

  const first = await doras.run(register);
  assert.equal(first.exitCode, 1);
  assert.match(first.stderr, /no mailbox yet.*mahilo login.*\nINTERNAL_ERROR: /);
  assert.deepEqual([login().key, login().connectionId], [key, undefined]);
  answers['/api/v1/agents'] = [201, { connection_id: 'conn_1', mode: 'polling' }];
  assert.equal(await doras.ok(['login']), 'dora\n');
  assert.equal(login().connectionId, 'conn_1');

  writeFileSync(doras.loginFile, JSON.stringify({ ...login(), connectionId: undefined }));
  assert.equal(await doras.ok(register), 'dora\n');
  assert.deepEqual([login().key, login().connectionId], [key, 'conn_1']);
  assert.deepEqual(
    asked.filter((one) => one.endsWith('nobody')),
    ['/api/v1/auth/register nobody'],
  );
  registry.close();
});

test('the exit code tells what is wrong, and stderr says it', async () => {
  using nobodys = new Terminal();
  const cases: [Terminal, string[], Record<string, string>, number, RegExp][] = [
    [anns, ['send', 'nobody-here', 'Hi'], {}, 1, /^USER_NOT_FOUND: /],
    [anns, ['status', 'msg_none'], {}, 1, /^NOT_FOUND: /],
    [anns, ['friends', 'accept', 'dora'], {}, 1, /^NOT_FOUND: /],
    [anns, ['send'], {}, 2, /missing required argument/],
    [anns, ['send', 'ben', 'Hi', '--wait', '31'], {}, 2, /from 0 to 30/],
    [anns, ['send', 'ben'], {}, 2, /no text on stdin/],
    [anns, ['sned', 'ben', 'Hi'], {}, 2, /unknown command/],
    [anns, ['friends', 'eat', 'ben'], {}, 2, /./],
    [anns, [], {}, 2, /Usage: mahilo/],
    [anns, ['login', 'ftp://mahilo.example'], {}, 2, /https:\/\//],
    [anns, ['whoami'], { MAHILO_KEY: 'secret\nwords' }, 2, /^This is no API key/],
    [nobodys, ['whoami'], {}, 3, /not logged in/],
    [anns, ['whoami'], { MAHILO_KEY: `mhl_${'a'.repeat(10)}_${'b'.repeat(40)}` }, 3, /^UNAUTHORIZED: /],
    [anns, ['whoami'], { MAHILO_URL: 'http://127.0.0.1:1', MAHILO_KEY: 'mhl_a_b' }, 4, /^UNREACHABLE: /],
    [anns, ['help'], {}, 0, /^$/],
    [anns, ['inbox', '--help'], {}, 0, /^$/],
  ];
  const seen = new Set<number>();
  for (const [terminal, words, environment, exitCode, said] of cases) {
    const ran = await terminal.run(words, environment);
    if (!seen.has(exitCode)) assert.deepEqual(await terminal.runProcess(words, environment), ran);
    seen.add(exitCode);
    assert.deepEqual([words, ran.exitCode], [words, exitCode], ran.stderr);
    assert.match(ran.stderr, said);
    assert.ok(!ran.stderr.includes('secret'), 'no key in an error');
  }
});

test('a message does nothing to the terminal that shows it', async () => {
  const message =
    'one\u001b[2J\u001b]0;title\u0007\rtwo\u202e\u2066\u0085\u{e0041}\n$ rm -rf /\nmsg_fake  ben  now\ttab';
  const [{ message_id }] = await anns.json(['send', 'ben', '-', '--topic', '\u001b[1A'], {}, message);
  const printed = await bens.ok(['inbox', '--keep']);
  assert.doesNotMatch(printed, /(?!\n)[\p{Cc}\p{Bidi_Control}\u{e0041}]/u);
  assert.match(
    printed,
    /\| one\\u\{1b\}\[2J\\u\{1b\}\]0;title\\u\{7\}\\u\{d\}two\\u\{202e\}\\u\{2066\}\\u\{85\}\\u\{e0041\}\n/,
  );
  const [, ...lines] = printed.trimEnd().split('\n');
  assert.ok(
    lines.every((line) => line.startsWith('  | ')),
    'no line passes for another thing',
  );
  assert.match(lines.join('\n'), /\| \$ rm -rf \/\n/);

  // A reply marks as read what was kept.
  await bens.ok(['reply', message_id, 'Nice try']);
  const [status] = await anns.json(['status', message_id]);
  assert.equal(status.status, 'delivered');
  await anns.ok(['send', 'ben', '-'], {}, message);
  const line = await bens.ok(['inbox', '--json']);
  assert.doesNotMatch(line, /(?!\n)[\p{Cc}\p{Bidi_Control}\u{e0041}]/u);
  assert.equal(JSON.parse(line).message, message);
  await emptied(anns);
});

test('inbox --follow prints what comes, across a restart, and ends at Ctrl-C', async () => {
  const following = bens.start(['inbox', '--follow', '--json']);
  await anns.ok(['send', 'ben', 'before']);
  await following.prints('"before"');
  await api.close();
  api = await world.startApi();
  await anns.ok(['send', 'ben', 'afterwards']);
  await following.prints('"afterwards"');
  following.child.kill('SIGINT');
  assert.deepEqual(await following.ended().then(({ exitCode, stderr }) => [exitCode, stderr]), [0, '']);
  assert.equal(following.stdout.trimEnd().split('\n').length, 2);
  assert.equal(await bens.ok(['inbox']), '');
});

test('inbox --follow ends without a word when nobody reads any more, and acknowledges nothing that nobody read', async () => {
  const following = bens.start(['inbox', '--follow']);
  following.child.stdout?.destroy();
  const [{ message_id }] = await anns.json(['send', 'ben', 'unread']);
  const { exitCode, stderr } = await following.ended();
  assert.deepEqual([exitCode, stderr], [0, '']);
  const [status] = await anns.json(['status', message_id]);
  assert.equal(status.status, 'pending');
  await bens.ok(['reply', message_id, 'read']);
  await emptied(anns);
});
