import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { JOIN_IN_ORDER } from '@mahilo/shared/db/words/words';
import { Notifier } from '@mahilo/shared/notifier';
import { oweEvents, type WantedEvent } from '@mahilo/shared/subscriptions/owe';
import {
  isWanted,
  LOGGED_AS,
  type LoggedEvent,
  type Subscription,
} from '@mahilo/shared/subscriptions/wanted';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { WorkerDeps } from './deps.ts';

/** Events gone through in one look, so that a transaction stays short. */
const PIECE = 200;
/** Deliveries made in one transaction; at least one event's. */
const MAX_MADE = 250;
/** Only after so many events that concern nobody is it written down how far the log has been gone through. */
const WRITE_DOWN_AFTER = 10_000;
/** After a look that failed (database busy or full), the next one begins no earlier than this (ms). */
const AFTER_FAILURE_MS = 250;

type FanOutDeps = Pick<WorkerDeps, 'db' | 'clock' | 'newId'>;

/**
 * Brings the events of the log to those who subscribe to them: makes the deliveries in the outbox. Several workers may do
 * it; the position in the log, written in the same transaction, keeps an event from being brought twice. While nobody
 * subscribes it reads nothing and writes nothing.
 */
export class FanOut {
  readonly #deps: FanOutDeps;
  #accessVersion: number | undefined;
  #hasSubscriptions = false;
  /** Up to here nothing concerns anybody, beside what is written down. A later subscription wants only later events. */
  #seen = 0;
  #passedOver = 0;

  constructor(deps: FanOutDeps) {
    this.#deps = deps;
  }

  /** Goes through a piece of the log. @returns whether there is more. */
  async step(): Promise<boolean> {
    const { db } = this.#deps;
    // Whoever subscribes, and whatever ends a subscription, changes a connection.
    const version = await db.accessVersion();
    if (version !== this.#accessVersion) {
      this.#hasSubscriptions = (await anySubscription(db.kysely)).length > 0;
      this.#accessVersion = version;
    }
    if (!this.#hasSubscriptions) return false;
    const position = Math.max(this.#seen, await positionOf(db.kysely));
    const piece = await pieceAfter(db.kysely, position);
    if (piece === undefined) return false;
    if ((await concerning(db.kysely, position, piece.last, 1)).length > 0) {
      this.#seen = await db.write((trx) => this.#bring(trx));
      this.#passedOver = 0;
      return true;
    }
    this.#seen = piece.last;
    this.#passedOver += piece.events;
    if (this.#passedOver >= WRITE_DOWN_AFTER) {
      await db.write((trx) => advance(trx, piece.last));
      this.#passedOver = 0;
    }
    return piece.events === PIECE;
  }

  /** @returns how far it came. */
  async #bring(trx: Transaction<Schema>): Promise<number> {
    const { clock, newId } = this.#deps;
    const position = Math.max(this.#seen, await positionOf(trx));
    const piece = await pieceAfter(trx, position);
    if (piece === undefined) return position;
    const events = await concerning(trx, position, piece.last, PIECE);
    const subscriptions = await subscriptionsOf(trx, new Set(events.map((event) => event.user_id)));
    const wanted: WantedEvent[] = [];
    let last = piece.last;
    for (const event of events) {
      if (wanted.length >= MAX_MADE) {
        last = event.id - 1;
        break;
      }
      for (const subscription of subscriptions.get(event.user_id) ?? []) {
        if (isWanted(subscription, event)) wanted.push({ subscription, event });
      }
    }
    await oweEvents(trx, newId, wanted, clock.now());
    await advance(trx, last);
    return last;
  }
}

/** Runs a {@link FanOut} beside the deliveries. `notify` it of each commit; it calls `onMade` when it may have made some. */
export function startFanOut(
  deps: Pick<WorkerDeps, 'db' | 'clock' | 'newId' | 'telemetry'>,
  onMade: () => void,
): AsyncDisposable & { notify(): void } {
  const fanOut = new FanOut(deps);
  const notifier = new Notifier();
  let isStopped = false;
  const run = async () => {
    while (!isStopped) {
      try {
        while (!isStopped && (await fanOut.step())) onMade();
        await notifier.wait(Number.POSITIVE_INFINITY);
      } catch (error) {
        deps.telemetry.fanOutFailed(error);
        await notifier.wait(AFTER_FAILURE_MS);
      }
    }
  };
  const own = deps.db.onCommit(() => notifier.notify());
  const running = run();
  return {
    notify: () => notifier.notify(),
    async [Symbol.asyncDispose]() {
      own[Symbol.dispose]();
      isStopped = true;
      notifier.notify();
      await running;
    },
  };
}

/** Uses event_subscriptions_by_expiry. */
const anySubscription = statement<[], { found: 1 }>(
  'select 1 as found from event_subscriptions where expires_at > 0 limit 1',
);

const selectPosition = statement<[], { position: number }>('select position from event_fan_out where id = 1');

async function positionOf(db: Kysely<Schema>): Promise<number> {
  const [row] = await selectPosition(db);
  if (row === undefined) throw new Error('The database has no position of the fan-out.');
  return row.position;
}

const advance = statement<[position: number]>(
  ({ greatest }) => `update event_fan_out set position = ${greatest}(position, ?) where id = 1`,
);

interface Piece {
  last: number;
  events: number;
}

/** The next events of the log: ids may be far apart. Uses the primary key. */
async function pieceAfter(db: Kysely<Schema>, position: number): Promise<Piece | undefined> {
  const [row] = await selectPiece(db, position, PIECE);
  return row === undefined || row.last === null ? undefined : { ...row, last: row.last };
}

const selectPiece = statement<[after: number, limit: number], { last: number | null; events: number }>(`
  select max(id) as last, count(*) as events from (select id from events where id > ? order by id limit ?) as piece`);

const TYPES = `('${Object.values(LOGGED_AS).join("', '")}')`;

/** Events of users who subscribe to some. Uses the primary key, and event_subscriptions_by_user. */
const concerning = statement<[after: number, upTo: number, limit: number], LoggedEvent>(`
  select id, user_id, type, data_json from events
  where id > ? and id <= ? and type in ${TYPES}
    and exists (select 1 from event_subscriptions where user_id = events.user_id)
  order by id limit ?`);

/**
 * Of connections that take deliveries, or will again. One ends when it is deleted, soon after its time: a clock that is ahead for a
 * moment must not cost it an event. Uses event_subscriptions_by_user and the primary key.
 */
async function subscriptionsOf(
  trx: Transaction<Schema>,
  userIds: ReadonlySet<string>,
): Promise<Map<string, Subscription[]>> {
  const { rows } = await sql<Subscription>`
    select subscription.connection_id, subscription.user_id, event_name, arguments_json, agent_id, events_after
    from ${eachOf([...userIds])}
    ${JOIN_IN_ORDER} event_subscriptions as subscription on subscription.user_id = value
    join connections on connections.id = subscription.connection_id
    where status in ('active', 'suspended')
  `.execute(trx);
  return Map.groupBy(rows, (row) => row.user_id);
}
