import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import { upcomingLanes } from '@mahilo/shared/outbox/ready';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { assertLanesAreSeenInTime } from '@mahilo/shared/test/lane-oracle';
import { finish, LEASE_MS, LIMITS, leaseDue } from '@mahilo/shared/test/outbox';
import { seededRandom } from '@mahilo/shared/test/seeded-random';
import { thoroughly } from '@mahilo/shared/test/thoroughly';
import { acknowledge } from '../src/inbox/acknowledge.ts';
import { fetchMessages, type InboxDeps } from '../src/inbox/fetch.ts';
import { moveWaiting } from '../src/inbox/move-waiting.ts';
import { callerDouble, unchecked } from './caller-double.ts';

const SEEDS = 4;
const RUNS = thoroughly({ inCi: 25, elsewhere: 8 });
/** The most steps of a run. */
const STEPS = 100;
const RETRY_MS = 1500;
/** The inbox's leases end at other times than those of workers. */
const INBOX_LEASE_MS = 700;
const UNLIMITED = 1000;
const settings = {
  ...loadSettings({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' }),
  INBOX_LEASE_MS,
};

type SimulationStep =
  | { kind: 'send' }
  | { kind: 'switch' }
  | { kind: 'fetch'; limit: number }
  | { kind: 'lease'; limit: number }
  | { kind: 'acknowledge'; skip: number; count: number }
  | { kind: 'finish'; count: number; ending: 'delivered' | 'released' | 'retry' }
  | { kind: 'pass'; ms: number };

interface Grant {
  by: 'inbox' | 'worker';
  token: string;
  expiresAt: number;
}

type Held = Awaited<ReturnType<typeof leaseDue>>;

/** One connection that changes its mode at random, its polling agents, and a worker. */
class Simulation {
  readonly #here: TestDatabase;
  readonly #deps: InboxDeps;
  readonly #connectionId: string;
  #mode: 'callback' | 'polling' = 'polling';
  /** The last holder of each unsettled delivery. */
  readonly #grants = new Map<string, Grant>();
  readonly #sent: string[] = [];
  readonly #ended = new Set<string>();
  #fetched: string[] = [];
  #held: Held = [];

  constructor(here: TestDatabase, connectionId: string) {
    this.#here = here;
    this.#deps = { db: unchecked(here.db), clock: here.clock, random: here.random, settings };
    this.#connectionId = connectionId;
  }

  async take(step: SimulationStep): Promise<void> {
    if (step.kind === 'send') this.#sent.push(await this.#here.sendOne(this.#connectionId));
    else if (step.kind === 'switch') await this.#switch();
    else if (step.kind === 'fetch') await this.#fetch(step.limit);
    else if (step.kind === 'lease') await this.#lease(step.limit);
    else if (step.kind === 'acknowledge') await this.#acknowledge(step.skip, step.count);
    else if (step.kind === 'finish') await this.#finish(step.count, step.ending);
    else this.#here.clock.ms += step.ms;
    await assertLanesAreSeenInTime(this.#here.db.kysely, LIMITS, this.#here.clock.ms);
  }

  /** All holders are gone; a correct one takes over, in the current mode. */
  async drain(): Promise<void> {
    this.#held = [];
    for (let turn = 0; this.#ended.size < this.#sent.length; turn++) {
      assert.ok(turn < 100, 'something is never delivered');
      const [next] = await upcomingLanes(this.#here.db.kysely, 1);
      this.#here.clock.ms = Math.max(this.#here.clock.ms + LEASE_MS, next?.ready_at ?? 0);
      if (this.#mode === 'polling') {
        this.#fetched = [];
        await this.#fetch(UNLIMITED);
        await this.#acknowledge(0, UNLIMITED);
      } else {
        await this.#lease(UNLIMITED);
        await this.#finish(UNLIMITED, 'delivered');
      }
    }
    const rows = await this.#here.db.kysely.selectFrom('outbox').select(['id', 'state']).execute();
    assert.ok(rows.every(({ state }) => state === 'delivered'));
    const events = await this.#here.db.kysely
      .selectFrom('events')
      .select('id')
      .where('type', '=', 'delivery_status')
      .execute();
    assert.equal(events.length, rows.length, 'each delivery ends once');
  }

  async #switch(): Promise<void> {
    const { connectionId, now } = { connectionId: this.#connectionId, now: this.#here.clock.ms };
    this.#mode = this.#mode === 'polling' ? 'callback' : 'polling';
    const mode = this.#mode;
    await this.#here.db.write(async (trx) => {
      const callback_url = mode === 'polling' ? null : 'https://agent.example/callback';
      await trx
        .updateTable('connections')
        .set({ mode, callback_url })
        .where('id', '=', connectionId)
        .execute();
      await moveWaiting(trx, connectionId, mode, UNLIMITED, now);
      await reviveLane(trx, connectionId, now, { seen: true, moved: true, restored: false });
    });
    // Nobody owns what was fetched and not acknowledged.
    if (mode === 'callback')
      for (const [id, { by }] of this.#grants) if (by === 'inbox') this.#grants.delete(id);
  }

  async #fetch(limit: number): Promise<void> {
    const request = { caller: callerDouble(this.#here.recipient), connectionId: this.#connectionId, limit };
    if (this.#mode === 'callback') {
      await assert.rejects(fetchMessages(this.#deps, request), { code: 'NOT_POLLING' });
      return;
    }
    const taken = await fetchMessages(this.#deps, request);
    assert.ok(taken.length <= limit);
    const free = this.#sent.filter((id) => !this.#ended.has(id) && this.#isFree(id));
    assert.equal(taken.length, Math.min(limit, free.length), 'what may be fetched is fetched');
    for (const { id, lease_token } of taken) this.#grant(id, 'inbox', lease_token, INBOX_LEASE_MS);
    this.#fetched.push(...taken.map(({ id }) => id));
  }

  async #lease(capacity: number): Promise<void> {
    const taken = await leaseDue(this.#here, { capacity });
    if (this.#mode === 'polling') assert.deepEqual(taken, [], 'workers leave a polling connection alone');
    for (const { id, lease_token } of taken) this.#grant(id, 'worker', lease_token, LEASE_MS);
    this.#held.push(...taken);
  }

  /** Acknowledges something that anybody has fetched at any time. */
  async #acknowledge(skip: number, count: number): Promise<void> {
    const ids = this.#fetched.slice(skip, skip + count);
    const expected = new Set(ids.filter((id) => this.#grants.get(id)?.by === 'inbox'));
    const caller = callerDouble(this.#here.recipient);
    const acknowledgements = { deliveryIds: ids, receipts: [] };
    assert.equal(await acknowledge(this.#deps, caller, acknowledgements), expected.size);
    for (const id of expected) this.#end(id);
  }

  async #finish(count: number, ending: 'delivered' | 'released' | 'retry'): Promise<void> {
    const finished = this.#held.splice(0, count);
    const expected = finished.filter(({ id, lease_token }) => this.#grants.get(id)?.token === lease_token);
    const retryAt = this.#here.clock.ms + RETRY_MS;
    const ours = await finish(this.#here, finished, ending === 'retry' ? { retryAt } : ending);
    assert.deepEqual(ours, expected, 'a settlement counts if the lease is the last one');
    for (const { id } of ours) {
      if (ending === 'delivered') this.#end(id);
      else this.#grants.delete(id);
    }
  }

  #isFree(id: string): boolean {
    return (this.#grants.get(id)?.expiresAt ?? 0) <= this.#here.clock.ms;
  }

  #grant(id: string, by: Grant['by'], token: string, leaseMs: number): void {
    assert.ok(this.#isFree(id), `${id} has two owners`);
    this.#grants.set(id, { by, token, expiresAt: this.#here.clock.ms + leaseMs });
  }

  #end(id: string): void {
    assert.ok(!this.#ended.has(id), `${id} ends twice`);
    this.#ended.add(id);
    this.#grants.delete(id);
  }
}

/** Possible steps, chosen by weight. */
const STEP_KINDS: readonly [weight: number, (choose: Choose) => SimulationStep][] = [
  [6, () => ({ kind: 'send' })],
  [3, (choose) => ({ kind: 'fetch', limit: 1 + choose(6) })],
  [2, (choose) => ({ kind: 'lease', limit: 1 + choose(6) })],
  [3, (choose) => ({ kind: 'acknowledge', skip: choose(10), count: 1 + choose(6) })],
  [2, (choose) => ({ kind: 'finish', count: 1 + choose(6), ending: 'delivered' })],
  [2, (choose) => ({ kind: 'finish', count: 1 + choose(6), ending: choose(2) === 0 ? 'retry' : 'released' })],
  [3, (choose) => ({ kind: 'pass', ms: [1, 500, INBOX_LEASE_MS, 1500, LEASE_MS][choose(5)] ?? 1 })],
  [2, () => ({ kind: 'switch' })],
];

/** A whole number from 0 to below a bound. */
type Choose = (below: number) => number;

const LOTS = STEP_KINDS.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`however a connection changes between polling and callbacks, each delivery has one owner and ends once (${seed})`, async () => {
    const random = seededRandom(seed);
    const choose: Choose = (below) => Math.floor(random.fraction() * below);
    for (let run = 0; run < RUNS; run++) {
      await using here = await testDatabase();
      const connectionId = await here.addConnection({ mode: 'polling', callback_url: null });
      const simulation = new Simulation(here, connectionId);
      for (let n = choose(STEPS); n > 0; n--) {
        await simulation.take(LOTS[choose(LOTS.length)]?.(choose) ?? { kind: 'send' });
      }
      await simulation.drain();
    }
  });
}
