import assert from 'node:assert/strict';
import type { Transaction } from 'kysely';
import type { Schema } from '../src/db/schema.ts';
import { cancelDeliveries } from '../src/outbox/cancel.ts';
import { refreshLanes, reviveLane } from '../src/outbox/lanes.ts';
import type { LeasedDelivery } from '../src/outbox/lease.ts';
import { upcomingLanes } from '../src/outbox/ready.ts';
import { renewLeases } from '../src/outbox/renew.ts';
import { requeueSettled } from '../src/outbox/requeue.ts';
import type { TestDatabase } from './database.ts';
import { assertLanesAreSeenInTime } from './lane-oracle.ts';
import { finish, LEASE_MS, LIMITS, leaseDue } from './outbox.ts';

/** A step that changes the queue; impossible steps are skipped. */
export type SimulationStep =
  | { kind: 'send' | 'revive' | 'suspend' | 'resume' | 'delete'; lane: number }
  | { kind: 'sendToAll' }
  | { kind: 'lease'; worker: number; capacity: number }
  | { kind: 'finish'; worker: number; count: number; ending: 'delivered' | 'failed' | 'released' | 'retry' }
  | { kind: 'renew' | 'crash'; worker: number }
  | { kind: 'resend'; delivery: number }
  | { kind: 'pass'; ms: number };

const RETRY_MS = 1500;
const UNLIMITED = 1000;

/** How many deliveries of a deleted connection a process cancels before it dies; others find the rest. */
const CANCELLED_IN_TIME = 2;

interface Lane {
  id: string;
  isPolling: boolean;
  isDeleted: boolean;
}

/** Workers, senders and owners at work on one outbox. Asserts at each step what each of them may rely on. */
export class OutboxSimulation {
  readonly #here: TestDatabase;
  readonly #lanes: readonly Lane[];
  /** What each worker has leased and not finished, even if it has lost the lease since. */
  readonly #held: LeasedDelivery[][];
  /** The last owner of each unsettled delivery, and the end of the lease. */
  readonly #grants = new Map<string, { token: string; expiresAt: number }>();
  /** How often each delivery must end: once, plus once for each resend. */
  readonly #ends = new Map<string, number>();

  private constructor(here: TestDatabase, lanes: readonly Lane[], workers: number) {
    this.#here = here;
    this.#lanes = lanes;
    this.#held = Array.from({ length: workers }, () => []);
  }

  /** A simulation with so many lanes, of which the last one's agent polls. */
  static async start(here: TestDatabase, lanes: number, workers: number): Promise<OutboxSimulation> {
    const adding = Array.from({ length: lanes }, async (_, index) => {
      const isPolling = index === lanes - 1;
      const id = await here.addConnection({ mode: isPolling ? 'polling' : 'callback' });
      return { id, isPolling, isDeleted: false };
    });
    return new OutboxSimulation(here, await Promise.all(adding), workers);
  }

  async take(step: SimulationStep): Promise<void> {
    if (step.kind === 'sendToAll') await this.#sendToAll();
    else if ('lane' in step) await this.#toLane(step.kind, step.lane);
    else if ('delivery' in step) await this.#resend(step.delivery);
    else if ('ms' in step) this.#here.clock.ms += step.ms;
    else if (step.kind === 'lease') await this.#lease(step.worker, step.capacity);
    else if (step.kind === 'finish') await this.#finish(step);
    else if (step.kind === 'renew') await this.#renew(step.worker);
    else this.#held[step.worker] = [];
    await assertLanesAreSeenInTime(this.#here.db.kysely, LIMITS, this.#here.clock.ms);
  }

  /** All workers crash, and one that never does anything wrong takes over until nothing is left to do. */
  async drain(): Promise<void> {
    for (const [index, lane] of this.#lanes.entries()) {
      await this.#toLane(lane.isPolling ? 'delete' : 'resume', index);
    }
    this.#held.fill([]);
    const turns = 10 * (this.#ends.size + this.#lanes.length);
    for (let turn = 0; ; turn++) {
      const [next] = await upcomingLanes(this.#here.db.kysely, 1);
      if (next === undefined) break;
      assert.ok(turn < turns, 'the queue is never drained');
      this.#here.clock.ms = Math.max(this.#here.clock.ms, next.ready_at);
      await this.#lease(0, UNLIMITED);
      await this.#finish({ worker: 0, count: UNLIMITED, ending: 'delivered' });
    }
    await this.#assertAllEnded();
  }

  /** One message, owed to every lane that still takes one. */
  async #sendToAll(): Promise<void> {
    const living = this.#lanes.filter((lane) => !lane.isDeleted).map(({ id }) => id);
    const { deliveryIds } = await this.#here.sendInBulk(...living);
    for (const id of deliveryIds) this.#ends.set(id, 1);
  }

  async #toLane(kind: (SimulationStep & { lane: number })['kind'], index: number): Promise<void> {
    const lane = this.#lanes[index];
    if (lane === undefined || lane.isDeleted) return;
    if (kind === 'send') {
      this.#ends.set(await this.#here.sendOne(lane.id), 1);
      return;
    }
    lane.isDeleted = kind === 'delete';
    await this.#here.db.write((trx) => this.#change(trx, lane.id, kind));
  }

  async #change(
    trx: Transaction<Schema>,
    id: string,
    kind: Exclude<SimulationStep['kind'], 'send'>,
  ): Promise<void> {
    const now = this.#here.clock.ms;
    const setStatus = (status: 'active' | 'suspended' | 'deleted') =>
      trx.updateTable('connections').set({ status }).where('id', '=', id).execute();
    if (kind === 'suspend') {
      await setStatus('suspended');
      await refreshLanes(trx, [id], LIMITS, now);
    } else if (kind === 'delete') {
      await setStatus('deleted');
      await cancelDeliveries(trx, id, CANCELLED_IN_TIME, now);
    } else {
      if (kind === 'resume') await setStatus('active');
      await reviveLane(trx, id, now, { seen: true, moved: true, restored: false });
    }
  }

  async #lease(worker: number, capacity: number): Promise<void> {
    const now = this.#here.clock.ms;
    const taken = await leaseDue(this.#here, { owner: `wkr_${worker}`, capacity });
    assert.ok(taken.length <= capacity);
    for (const { id, lease_token: token } of taken) {
      const before = this.#grants.get(id);
      assert.ok(before === undefined || before.expiresAt <= now, `${id} has two owners`);
      this.#grants.set(id, { token, expiresAt: now + LEASE_MS });
    }
    this.#held[worker]?.push(...taken);
    if (taken.length < capacity) await this.#assertNothingSpins();
  }

  async #finish({ worker, count, ending }: Omit<SimulationStep & { kind: 'finish' }, 'kind'>): Promise<void> {
    const finished = this.#held[worker]?.splice(0, count) ?? [];
    const expected = this.#stillOwned(finished);
    const retryAt = this.#here.clock.ms + RETRY_MS;
    const ours = await finish(this.#here, finished, ending === 'retry' ? { retryAt } : ending);
    assert.deepEqual(ours, expected, 'a settlement counts if the lease is the last one');
    for (const { id } of ours) this.#grants.delete(id);
  }

  async #renew(worker: number): Promise<void> {
    const held = this.#held[worker] ?? [];
    const owned = this.#stillOwned(held);
    const expiresAt = this.#here.clock.ms + LEASE_MS;
    const leases = held.map(({ id, lease_token: token }) => ({ id, token }));
    const ours = await this.#here.db.write((trx) =>
      renewLeases(trx, leases, expiresAt, LIMITS, this.#here.clock.ms),
    );
    assert.deepEqual(
      ours,
      new Set(owned.map(({ id }) => id)),
      'a renewal counts if the lease is the last one',
    );
    for (const { id, lease_token: token } of owned) this.#grants.set(id, { token, expiresAt });
  }

  async #resend(index: number): Promise<void> {
    const id = [...this.#ends.keys()][index];
    if (id === undefined) return;
    const { state, connection_id } = await this.#here.delivery(id);
    if (this.#lanes.some((lane) => lane.id === connection_id && lane.isDeleted)) return;
    const requeued = await this.#here.db.write((trx) => requeueSettled(trx, [id], this.#here.clock.ms));
    assert.equal(requeued, state === 'delivered' || state === 'failed' ? 1 : 0);
    this.#ends.set(id, (this.#ends.get(id) ?? 0) + requeued);
  }

  #stillOwned(deliveries: readonly LeasedDelivery[]): LeasedDelivery[] {
    return deliveries.filter(({ id, lease_token }) => this.#grants.get(id)?.token === lease_token);
  }

  /** A worker that had room and got nothing must not be told to look again at once. */
  async #assertNothingSpins(): Promise<void> {
    const [next] = await upcomingLanes(this.#here.db.kysely, 1);
    assert.ok(
      next === undefined || next.ready_at > this.#here.clock.ms,
      'a lane asks for another look at once',
    );
  }

  async #assertAllEnded(): Promise<void> {
    const rows = await this.#here.db.kysely.selectFrom('outbox').select(['id', 'state']).execute();
    for (const { id, state } of rows) assert.match(state, /^(delivered|failed|cancelled)$/, id);
    const events = await this.#here.db.kysely
      .selectFrom('events')
      .select('data_json')
      .where('type', '=', 'delivery_status')
      .execute();
    const byDelivery = Map.groupBy(events, ({ data_json }) => String(JSON.parse(data_json).delivery_id));
    assert.deepEqual(
      new Map([...byDelivery].map(([id, group]) => [id, group.length])),
      new Map([...this.#ends].filter(([, ends]) => ends > 0)),
      'each delivery ends once, and once more for each resend',
    );
    await this.#assertAllSummedUp();
  }

  /** Computed again from the deliveries of each message. */
  async #assertAllSummedUp(): Promise<void> {
    const messages = await this.#here.db.kysely.selectFrom('messages').select(['id', 'status']).execute();
    const deliveries = await this.#here.db.kysely
      .selectFrom('outbox')
      .select(['message_id', 'state', 'first_delivered_at'])
      .execute();
    const byMessage = Map.groupBy(deliveries, ({ message_id }) => message_id);
    for (const { id, status } of messages) {
      const own = byMessage.get(id) ?? [];
      if (own.length === 0) continue;
      const isDelivered = own.some((row) => row.state === 'delivered' || row.first_delivered_at !== null);
      assert.equal(status, isDelivered ? 'delivered' : 'failed', id);
    }
  }
}
