import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { receive } from '@mahilo/client';
import BetterSqlite3 from 'better-sqlite3';
import { friends, type Keyed, keyed, read } from '../encryption/keyed-people.ts';
import { eventually } from '../world/eventually.ts';
import type { ProductProcess } from '../world/process.ts';
import { World } from '../world/world.ts';

/** No setting of the log shows more. */
const world = new World({ LOG_LEVEL: 'trace', INBOX_LEASE_MS: '3600000' });
let processes: ProductProcess[];
before(async () => {
  processes = [await world.startApi(), await world.startWorker()];
});
after(() => world[Symbol.asyncDispose]());

/** Words that appear nowhere else. */
const SECRETS = {
  text: 'PLAIN-TEXT-OF-A-MESSAGE',
  context: 'CONTEXT-OF-A-MESSAGE',
  group: 'TEXT-FOR-A-GROUP',
};

test('texts are in no file of the registry, no line of its log, no event and no answer', async () => {
  const { ann, ben } = await friends(world);
  const agent = await world.startAgent();
  const { callback_secret } = await ben.mahilo.connect({ label: 'called', callback_url: agent.url });
  const events: string[] = [];
  const ending = new AbortController();
  const watching = (async () => {
    for await (const event of ben.mahilo.events({ lastEventId: '0', signal: ending.signal }))
      events.push(JSON.stringify(event));
  })();
  const message = {
    to: ben.client.username,
    message: SECRETS.text,
    context: SECRETS.context,
    encrypt: 'required',
  } as const;
  await ann.mahilo.send(message);
  const [polled] = await read(ben);
  assert.deepEqual([polled?.message, polled?.context], [SECRETS.text, SECRETS.context]);
  // The registry is asked for the newest keys, and Ann has seen the agent that is called by now.
  await ann.mahilo.verify(ben.client.username, { accept: true });
  await ann.mahilo.send({ ...message, agent: 'called', waitSeconds: 30 });
  const callback = await agent.callback();
  const headers = new Headers(Object.entries(callback.headers).map(([name, value]) => [name, String(value)]));
  const request = new Request(agent.url, { method: 'POST', headers, body: callback.body });
  const received = await receive(request, callback_secret ?? '', { mahilo: ben.mahilo });
  assert.deepEqual([received?.message, received?.verified], [SECRETS.text, true]);

  const answers = [
    await ann.client.ok('GET', '/messages'),
    await ben.client.ok('GET', '/messages'),
    await ben.client.ok('GET', '/deliveries'),
  ];
  const files = readdirSync(world.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(world.directory, name))
    .filter((file) => statSync(file).isFile());
  assert.ok(files.some((file) => file === world.databaseFile));
  const logs = () => processes.flatMap(({ lines }) => lines).join('\n');
  // Both come a moment after what they tell of.
  await eventually(() => logs().includes('messages/send') && events.join().includes('message_received'));
  const searched = {
    files: Buffer.concat(files.map((file) => readFileSync(file))).toString('latin1'),
    logs: logs(),
    events: events.join('\n'),
    answers: JSON.stringify(answers),
    callbacks: agent.received.map(({ body }) => body).join('\n'),
  };
  ending.abort();
  await watching;
  for (const [place, text] of Object.entries(searched))
    for (const secret of Object.values(SECRETS)) {
      const forms = [secret, Buffer.from(secret).toString('base64url'), Buffer.from(secret).toString('hex')];
      for (const form of forms) assert.ok(!text.includes(form), `${secret} stands in ${place}`);
    }
});

const MEMBERS = 50;

test(`a group of ${MEMBERS} gets one ciphertext, which each member reads`, async () => {
  const ann = await keyed(world, 'owner');
  const members: Keyed[] = [];
  const { group_id: to } = await ann.mahilo.request('POST', '/groups', {
    body: { name: 'everybody', invite_only: false },
  });
  for (let i = 1; i < MEMBERS; i++) {
    const member = await keyed(world, 'member');
    await member.mahilo.request('POST', `/groups/${to}/join`);
    members.push(member);
  }
  const sent = await ann.mahilo.send({ to, message: SECRETS.group, encrypt: 'required' });
  assert.ok('recipients' in sent);
  assert.deepEqual(
    [sent.encrypted, sent.recipients, sent.first_use?.length],
    [true, MEMBERS - 1, MEMBERS - 1],
  );
  using sqlite = openDatabase();
  const rows = sqlite.database.prepare('select * from messages where id = ?').all(sent.message_id);
  assert.equal(rows.length, 1);
  assert.equal(ann.wire.sent.length, 1);
  assert.equal(JSON.parse(ann.wire.sent[0].message).recipients.length, MEMBERS - 1);
  for (const member of members) {
    const [delivery, ...more] = await read(member);
    assert.deepEqual(
      [delivery?.message, delivery?.verified, delivery?.group_id, more.length],
      [SECRETS.group, true, to, 0],
      JSON.stringify(delivery?.unopened),
    );
  }
});

function openDatabase(): Disposable & { database: BetterSqlite3.Database } {
  const database = new BetterSqlite3(world.databaseFile, { readonly: true });
  return { database, [Symbol.dispose]: () => database.close() };
}
