import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '@mahilo/shared/clock';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Database } from '@mahilo/shared/db/database';
import type { EgressClient, Exchange, PostRequest } from '@mahilo/shared/egress/client';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { refreshLanes } from '@mahilo/shared/outbox/lanes';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { seal } from '@mahilo/shared/sealing/seal';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { pino } from 'pino';
import { Secrets } from './secrets.ts';
import { WorkerTelemetry } from './telemetry.ts';
import { Worker } from './worker.ts';

const SETTINGS = loadSettings({ SECRET_KEY: 'the-secret-key-0123456789-0123456789' });
const KEYS = keyRing(SETTINGS);
/** Longer than a lease lasts. */
const AWAY_MS = SETTINGS.LEASE_MS + 10_000;

const OK: Exchange = { kind: 'response', statusCode: 200, excerpt: null, durationMs: 1 };

function workerOn(
  here: TestDatabase,
  db: Database,
  post: (request: PostRequest) => unknown,
  { clock = here.clock, settings = SETTINGS }: { clock?: Clock; settings?: typeof SETTINGS } = {},
): Worker {
  const egress: Pick<EgressClient, 'post'> = {
    async post(request) {
      await post(request);
      return OK;
    },
  };
  return new Worker({
    settings,
    retryPolicy: { maxRetries: 1, baseMs: 1000, factor: 2, maxMs: 5000 },
    db,
    clock,
    random: here.random,
    newId: here.newId,
    keys: KEYS,
    secrets: new Secrets(KEYS),
    telemetry: new WorkerTelemetry(pino({ level: 'silent' }), createRegistry('worker')),
    egress: egress as EgressClient,
  });
}

test('a lease lasts from when it is written, however long the database was away before', async () => {
  await using here = await testDatabase();
  const id = here.newId('conn');
  const callback_secret = seal(KEYS.current.sealing, 'secret', id, here.random);
  await here.addConnection({ id, callback_secret });
  await here.send(id);
  /** What is left of the leases, as each transaction leaves them. */
  const left: number[] = [];
  const write: Database['write'] = (work) =>
    here.db.write(async (trx) => {
      here.clock.ms += AWAY_MS;
      const result = await work(trx);
      const leased = await trx
        .selectFrom('outbox')
        .select('lease_expires_at')
        .where('state', '=', 'leased')
        .execute();
      for (const { lease_expires_at } of leased) left.push((lease_expires_at ?? 0) - here.clock.ms);
      return result;
    });
  const db: Database = { ...here.db, write, writeBeside: write };
  const called = Promise.withResolvers<PostRequest>();
  const worker = workerOn(here, db, called.resolve);
  worker.start();
  await called.promise;
  await worker.stop(0);
  assert.equal(left[0], SETTINGS.LEASE_MS);
});

test('what was leased too long ago when the answer comes is given back and leased again: no callback is made for it', async () => {
  await using here = await testDatabase();
  const id = here.newId('conn');
  const callback_secret = seal(KEYS.current.sealing, 'secret', id, here.random);
  await here.addConnection({ id, callback_secret });
  const { deliveryIds } = await here.send(id);
  const delivery = () => here.delivery(String(deliveryIds[0]));
  /** What each transaction left of the lease, when its answer came (ms). */
  const left: number[] = [];
  let lateMs = AWAY_MS;
  const answeredLate: Database['write'] = async (work) => {
    const result = await here.db.write(work);
    const { lease_expires_at } = await delivery();
    if (lease_expires_at === null) return result;
    here.clock.ms += lateMs;
    lateMs = 0;
    left.push(lease_expires_at - here.clock.ms);
    return result;
  };
  const called = Promise.withResolvers<PostRequest>();
  const worker = workerOn(here, { ...here.db, writeBeside: answeredLate }, called.resolve);
  worker.start();
  await called.promise;
  await worker.stop(0);
  assert.ok((left[0] ?? 0) < 0, 'it had ended before anybody knew of it');
  assert.equal(left[1], SETTINGS.LEASE_MS, 'the callback was made under another lease');
  assert.equal((await delivery()).attempts, 1);
});

/** An agent of somebody else than the others. */
async function agentOfItsOwn(here: TestDatabase, name: string): Promise<string> {
  const [id, userId] = [here.newId('conn'), here.newId('usr')];
  await here.db.kysely
    .insertInto('users')
    .values({ id: userId, username: name, display_name: null, created_at: here.clock.ms })
    .execute();
  const callback_secret = seal(KEYS.current.sealing, 'secret', id, here.random);
  await here.addConnection({
    id,
    user_id: userId,
    callback_url: `https://${name}.example/`,
    callback_secret,
  });
  return id;
}

/** Callbacks that hang until they are answered, or the worker gives them up. */
class Hanging {
  readonly messages: string[] = [];
  readonly #answers: (() => void)[] = [];
  #begun: () => void = () => undefined;

  post = async ({ body, signal }: PostRequest): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answers.push(resolve);
    signal?.addEventListener('abort', () => resolve());
    this.messages.push(JSON.parse(String(body)).message_id);
    this.#begun();
    await promise;
  };

  /** Resolves when so many have begun. */
  async begun(count: number): Promise<void> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#begun = resolve;
      });
    }
  }

  answerFirst(): void {
    this.#answers.shift()?.();
  }
}

test('a delivery in bulk whose worker died is taken over although messages in bulk fill their slots', {
  timeout: 60_000,
}, async () => {
  await using here = await testDatabase();
  const settings = { ...SETTINGS, WORKER_CONCURRENCY: 8 };
  const callbacks = new Hanging();
  const dead = await agentOfItsOwn(here, 'dead');
  const { deliveryIds, messageId } = await here.sendInBulk(dead);
  await here.db.write(async (trx) => {
    const lease = { state: 'leased', lease_token: 't', lease_owner: 'w' } as const;
    const lease_expires_at = here.clock.ms + 1;
    await trx
      .updateTable('outbox')
      .set({ ...lease, lease_expires_at })
      .where('id', 'in', deliveryIds)
      .execute();
    await refreshLanes(trx, [dead], { slots: 4, breakerFailures: 5, unprovenPerMinute: 6 }, here.clock.ms);
  });
  for (let n = 0; n < 10; n++) await here.sendInBulk(await agentOfItsOwn(here, `agent${n}`));
  const worker = workerOn(here, here.db, callbacks.post, { settings });
  worker.start();
  await callbacks.begun(7);
  assert.ok(!callbacks.messages.includes(messageId), 'its lease lasts');
  here.clock.ms += 1;
  await callbacks.begun(8);
  assert.equal(callbacks.messages[7], messageId);
  await worker.stop(0);
});

test('who sets the clock ahead repeats no callback that is in flight', { timeout: 60_000 }, async () => {
  await using here = await testDatabase();
  const started = here.clock.ms;
  const clock = { now: () => here.clock.ms, monotonicMs: () => started };
  const callbacks = new Hanging();
  for (let n = 0; n < 5; n++) await here.send(await agentOfItsOwn(here, `agent${n}`));
  const worker = workerOn(here, here.db, callbacks.post, { clock });
  worker.start();
  await callbacks.begun(5);
  here.clock.ms += AWAY_MS;
  await here.send(await agentOfItsOwn(here, 'later'));
  // An outcome wakes the worker.
  callbacks.answerFirst();
  await callbacks.begun(6);
  assert.deepEqual([callbacks.messages.length, new Set(callbacks.messages).size], [6, 6]);
  await worker.stop(0);
});
