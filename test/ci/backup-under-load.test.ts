import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { Webhook } from 'standardwebhooks';
import type { AgentDouble } from '../world/agent-double.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';

/** Leases in the backup expire after this. */
const LEASE_MS = '1500';
const SENDERS = 4;

interface StoredDelivery {
  message_id: string;
  state: string;
  label: string;
}

function deliveriesIn(file: string): StoredDelivery[] {
  const sqlite = new BetterSqlite3(file, { readonly: true });
  try {
    return sqlite
      .prepare(
        'select message_id, state, label from outbox join connections on connections.id = outbox.connection_id',
      )
      .all() as StoredDelivery[];
  } finally {
    sqlite.close();
  }
}

const messageIds = (agent: AgentDouble) => agent.received.map(({ json }) => String(json['message_id']));

test('a backup under full load, restored after a crash: all that was accepted before it is there, and what is owed goes out', async () => {
  await using world = new World({ LEASE_MS, MAX_RETRIES: '100', RETRY_MAX_MS: '500' });
  await world.startApi();
  await world.startWorker();
  await world.startWorker();
  const [healthy, away, slow] = [
    await world.startAgent(),
    await world.startAgent(),
    await world.startAgent(),
  ];
  const { ann, ben, secret } = await world.twoFriends(healthy);
  await ben.connect(away.url, 'away');
  await ben.connect(slow.url, 'slow');
  await away.stop();
  // Its messages are in flight whenever the backup happens.
  slow.behave = () => {};

  const accepted: string[] = [];
  let isSending = true;
  const sender = async (n: number) => {
    for (let i = 0; isSending; i++) {
      const labels = [['main'], ['away'], ['slow']][i % 3];
      const { message_id } = await ann.send(ben, `${n}/${i}`, { routing_hints: { labels } });
      accepted.push(message_id);
    }
  };
  const senders = Array.from({ length: SENDERS }, (_, n) => sender(n));
  await eventually(() => accepted.length > 200);
  const acceptedBefore = [...accepted];
  const backup = await world.adminProcess(['backup', '--to', join(world.directory, 'backups'), '--json']);
  assert.equal(backup.code, 0, backup.stderr);
  const acceptedDuring = accepted.length - acceptedBefore.length;
  assert.ok(acceptedDuring > 0, 'the API went on while the backup was made');
  isSending = false;
  await Promise.all(senders);
  await world.killAll();

  const stored = deliveriesIn(backup.json.file);
  const inBackup = new Map(stored.map((delivery) => [delivery.message_id, delivery]));
  const missing = acceptedBefore.filter((id) => !inBackup.has(id));
  assert.deepEqual(missing, []);
  const states = new Set(stored.map(({ state }) => state));
  assert.deepEqual([...states].sort(), ['delivered', 'leased', 'pending'], 'all three were caught');

  for (const suffix of ['', '-wal', '-shm']) rmSync(world.databaseFile + suffix, { force: true });
  const restore = await world.admin(['restore', backup.json.file, '--json']);
  assert.equal(restore.code, 0, restore.stderr);
  const owed = stored.filter(({ state }) => state !== 'delivered');
  assert.equal(restore.json.waiting + restore.json.in_flight, owed.length);

  for (const agent of [healthy, away, slow]) agent.received.length = 0;
  slow.behave = (_request, response) => response.writeHead(200).end();
  await away.start();
  await world.startApi();
  await world.startWorker();
  const owedTo = (label: string) => owed.filter((row) => row.label === label).map((row) => row.message_id);
  for (const [agent, label] of [
    [healthy, 'main'],
    [away, 'away'],
    [slow, 'slow'],
  ] as const) {
    const expected = owedTo(label).sort();
    await eventually(() => messageIds(agent).length >= expected.length, 60_000);
    assert.deepEqual(messageIds(agent).sort(), expected, `${label}: each once, and nothing else`);
  }
  for (const id of acceptedBefore) {
    const message = await eventually(async () => {
      const found = await ann.ok('GET', `/messages/${id}`);
      return found.status === 'delivered' && found;
    });
    assert.equal(message.deliveries.length, 1);
  }
  for (const { body, headers } of healthy.received) {
    new Webhook(secret).verify(body, headers as Record<string, string>);
  }
});
