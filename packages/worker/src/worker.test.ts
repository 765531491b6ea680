import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Database } from '@mahilo/shared/db/database';
import type { EgressClient, PostRequest } from '@mahilo/shared/egress/client';
import { createRegistry } from '@mahilo/shared/observe/metrics';
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

function workerOn(here: TestDatabase, db: Database, post: (request: PostRequest) => void): Worker {
  const egress: Pick<EgressClient, 'post'> = {
    async post(request) {
      post(request);
      return { kind: 'response', statusCode: 200, excerpt: null, durationMs: 1 };
    },
  };
  return new Worker({
    settings: SETTINGS,
    retryPolicy: { maxRetries: 1, baseMs: 1000, factor: 2, maxMs: 5000 },
    db,
    clock: here.clock,
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
