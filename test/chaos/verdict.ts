import type { IllegalMove } from './audit.ts';
import type { Arrival, Fault, Journal } from './journal.ts';

/**
 * A duplicate has to have a cause: a fault that kept the outcome of the first callback from being committed, at that time
 * or at most this long (ms) before or after it.
 */
const EFFECT_MS = 1000;
/** Faults that no worker's commit fails from. */
const HARMLESS_TO_OUTCOMES: ReadonlySet<string> = new Set([
  'kill the API',
  'kill the API inside a commit',
  'hold a snapshot',
]);

/** What the database says at the end. */
export interface FinalState {
  unsettled: number;
  states: Readonly<Record<string, number>>;
  messagesByKey: ReadonlyMap<string, readonly string[]>;
  illegalMoves: readonly IllegalMove[];
  integrity: string;
}

/** The result, in Jepsen's words for queues (jepsen checker.clj, total-queue), and the properties that must hold. */
export interface Verdict {
  attempted: number;
  acknowledged: number;
  /** Acknowledged, and never accepted by its receiver. */
  lost: string[];
  /** Received, and never sent by anybody, or not as it was sent. */
  unexpected: string[];
  /** Accepted more than once, and how many of those have no cause. */
  duplicated: number;
  unexplained: string[];
  /** Delivered although the sender never learned that it was accepted. */
  recovered: number;
  kills: number;
  faults: Readonly<Record<string, number>>;
  properties: Readonly<Record<string, boolean>>;
  valid: boolean;
}

/** Judges a run from its journal and the final state of the database. Pure. */
export function judge(journal: Journal, final: FinalState, expectedFaults: readonly string[]): Verdict {
  const accepted = Map.groupBy(
    journal.arrivals.filter((arrival) => arrival.accepted),
    (arrival) => keyOf(arrival.message),
  );
  const intents = [...journal.intents.values()];
  const acknowledged = intents.filter((intent) => intent.acknowledged);
  const lost = acknowledged.filter((intent) => !accepted.has(intent.key)).map((intent) => intent.key);
  const unexpected = journal.arrivals
    .filter(
      (arrival) => !arrival.valid || journal.intents.get(keyOf(arrival.message))?.message !== arrival.message,
    )
    .map((arrival) => arrival.messageId || 'a callback with a wrong signature');
  const repeated = [...accepted.values()].filter((arrivals) => arrivals.length > 1);
  const unexplained = repeated
    .filter((arrivals) => !isExplained(arrivals, journal.faults))
    .map(([first]) => first?.messageId ?? '');
  const faults = Object.fromEntries(expectedFaults.map((name) => [name, count(journal.faults, name)]));
  const properties = {
    'nothing acknowledged is lost': lost.length === 0,
    'nothing unexpected arrives': unexpected.length === 0,
    'every duplicate has a cause': unexplained.length === 0,
    'a repeated callback carries the same message id': repeated.every(haveOneId),
    'no delivery is stuck': final.unsettled === 0,
    'no dead letter': (final.states['failed'] ?? 0) === 0,
    'one idempotency key, one message':
      intents.every((intent) => !intent.contradicted) &&
      [...final.messagesByKey.values()].every((ids) => ids.length === 1),
    'only the owner of a lease changes a delivery': final.illegalMoves.length === 0,
    'the database is intact': final.integrity === 'ok',
    'every kind of fault happened': Object.values(faults).every((times) => times > 0),
  };
  return {
    attempted: intents.length,
    acknowledged: acknowledged.length,
    lost,
    unexpected,
    duplicated: repeated.length,
    unexplained,
    recovered: intents.filter((intent) => !intent.acknowledged && accepted.has(intent.key)).length,
    kills: journal.faults.reduce((sum, fault) => sum + fault.kills, 0),
    faults,
    properties,
    valid: Object.values(properties).every(Boolean),
  };
}

function keyOf(message: string): string {
  return message.split(' ', 1)[0] ?? '';
}

function isExplained(arrivals: readonly Arrival[], faults: readonly Fault[]): boolean {
  const causes = faults.filter((fault) => !HARMLESS_TO_OUTCOMES.has(fault.name));
  return arrivals
    .slice(0, -1)
    .every(({ at }) => causes.some((fault) => fault.from - EFFECT_MS <= at && at <= fault.to + EFFECT_MS));
}

function haveOneId(arrivals: readonly Arrival[]): boolean {
  return new Set(arrivals.map((arrival) => arrival.messageId)).size === 1;
}

function count(faults: readonly Fault[], name: string): number {
  return faults.filter((fault) => fault.name === name).length;
}
