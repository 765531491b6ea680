import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** What a transaction can keep to itself, in the order in which it is locked; keys are those of messages to come. */
const ORDER = ['keys', 'lanes', 'messages'] as const;
export type Lockable = (typeof ORDER)[number];

/** How a database with several writers locks for the transaction that is under way. All is given back at its end. */
export interface RowLocks {
  /** Waits for whoever has one of these, which have an order of their own. */
  lock(what: Lockable, names: readonly string[]): Promise<unknown>;
  /** Locks those of the lanes that nobody else has. @returns which. */
  tryLanes(names: readonly string[]): Promise<readonly string[]>;
  /** Waits until nobody else appends to the log of events. */
  takeTurn(): Promise<unknown>;
  /** What was sent last: the transaction is committed behind it, and its failure is that of the commit. */
  sentLast(sent: Promise<unknown>): void;
}

/**
 * Something that the works of a transaction do last, and together. `run` sends all its statements before it waits for any of
 * them: the commit follows at once, so that what it locks is locked for as short as can be.
 */
export interface LastStep<Item> {
  /** Those with a smaller number come first: it is the order in which rows are locked. */
  readonly order: number;
  run(trx: Transaction<Schema>, items: readonly Item[]): Promise<unknown>;
}

/**
 * What a transaction needs to know that runs beside others. Each locks what it decides by, before it looks, and in one order:
 * keys, lanes, messages, the turn in the log; of each kind the smaller name first. So none waits in a circle.
 */
export class Beside {
  readonly #locks: RowLocks;
  readonly #lanes = new Set<string>();
  /** How far in the order of locks this is. */
  #reached = 0;
  #last: { step: LastStep<unknown>; item: unknown }[] = [];

  constructor(locks: RowLocks) {
    this.#locks = locks;
  }

  /** @throws Error when it comes too late in the order of locks, which is a fault of ours. */
  async lock(what: Lockable, names: Iterable<string | number>): Promise<void> {
    const sorted = [...new Set(names)].map(String).sort();
    if (sorted.length === 0) return;
    const place = ORDER.indexOf(what);
    if (place < this.#reached) throw new Error(`It is too late to lock ${what}.`);
    // Several works may have keys, one may lock lanes, once.
    this.#reached = what === 'keys' ? place : place + 1;
    if (what === 'lanes') for (const name of sorted) this.#lanes.add(name);
    await this.#locks.lock(what, sorted);
  }

  /** Locks those of the lanes that nobody else has. It waits for nobody, so it may come behind any other lock. */
  async tryLanes(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of await this.#locks.tryLanes(names)) this.#lanes.add(name);
  }

  hasLane(connectionId: string): boolean {
    return this.#lanes.has(connectionId);
  }

  async takeTurn(): Promise<void> {
    await this.#locks.takeTurn();
  }

  atTheEnd<Item>(step: LastStep<Item>, items: readonly Item[]): void {
    for (const item of items) this.#last.push({ step: step as LastStep<unknown>, item });
  }

  /** How much is to be done at the end. */
  get mark(): number {
    return this.#last.length;
  }

  /** Forgets what was to be done since `mark`: the work that wanted it is undone. */
  forgetSince(mark: number): void {
    this.#last.length = mark;
  }

  /** Sends what comes last. Nothing may follow it but the commit. */
  end(trx: Transaction<Schema>): void {
    const steps = [...Map.groupBy(this.#last, ({ step }) => step)].sort(([a], [b]) => a.order - b.order);
    const sent = steps.map(([step, own]) =>
      step.run(
        trx,
        own.map(({ item }) => item),
      ),
    );
    this.#locks.sentLast(Promise.all(sent));
  }
}

const besides = new WeakMap<Kysely<Schema>, Beside>();

/** Lets the works of a transaction know that it runs beside others. */
export function runsBeside(trx: Transaction<Schema>, beside: Beside): void {
  besides.set(trx, beside);
}

/** Whether nobody else writes while this transaction does: then it may read and write as it likes. */
export function isAlone(trx: Transaction<Schema>): boolean {
  return !besides.has(trx);
}

/** Keeps these to the transaction, which waits for whoever has them. Alone it has everything anyway. */
export async function lockFor(
  trx: Transaction<Schema>,
  what: Lockable,
  names: Iterable<string | number>,
): Promise<void> {
  await besides.get(trx)?.lock(what, names);
}

/** Keeps those of the lanes to the transaction that nobody else has. */
export async function tryLanes(trx: Transaction<Schema>, connectionIds: readonly string[]): Promise<void> {
  await besides.get(trx)?.tryLanes(connectionIds);
}

/** Whether the transaction has locked a lane, or is alone. */
export function hasLane(trx: Transaction<Schema>, connectionId: string): boolean {
  return besides.get(trx)?.hasLane(connectionId) ?? true;
}

/** Waits, beside others, until nobody else appends to the log of events. */
export async function takeTurn(trx: Transaction<Schema>): Promise<void> {
  await besides.get(trx)?.takeTurn();
}

/** Does a step: at once when the transaction is alone, else with those of its other works at the end. */
export async function atTheEnd<Item>(
  trx: Transaction<Schema>,
  step: LastStep<Item>,
  items: readonly Item[],
): Promise<void> {
  const beside = besides.get(trx);
  if (beside === undefined) await step.run(trx, items);
  else beside.atTheEnd(step, items);
}
