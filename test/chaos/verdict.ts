import type { IllegalMove, Move } from './audit.ts';
import { type Arrival, type Fault, type Intent, type Journal, sendOf } from './journal.ts';
import { BEHAVIOURS } from './pollers.ts';
import { RESET_IN_ANSWER } from './receivers.ts';

/** Faults that leave a worker's commits alone: the death of the API loses acknowledgements only. */
const HARMLESS: Readonly<Record<Arrival['way'], readonly string[]>> = {
  callback: ['hold a snapshot', 'kill the API', 'kill the API inside a commit'],
  inbox: ['hold a snapshot'],
};

/** Behaviours of receivers after which a message may come again although it was accepted. */
const EXPECTED_AGAIN: readonly string[] = [BEHAVIOURS.tooLate, RESET_IN_ANSWER];

/** The state of the database at the end. */
export interface FinalState {
  unsettled: number;
  states: Readonly<Record<string, number>>;
  messagesBySend: ReadonlyMap<string, readonly string[]>;
  moves: readonly Move[];
  illegalMoves: readonly IllegalMove[];
  integrity: string;
}

/** The result, in Jepsen's words for queues (jepsen checker.clj, total-queue), and the properties that must hold. */
export interface Verdict {
  attempted: number;
  acknowledged: number;
  /** Deliveries that these owe: one to a friend, or one to each in the group. */
  owed: number;
  /** Owed deliveries that the receiver never accepted. */
  lost: string[];
  /** Received, but never sent, or not as it was sent. */
  unexpected: string[];
  /** Accepted more than once; and how many of those have no cause. */
  duplicated: number;
  unexplained: string[];
  /** Delivered although the sender never learned that it was accepted. */
  recovered: number;
  /** The longest time (ms) in which nobody's message was acknowledged. */
  longestPauseMs: number;
  kills: number;
  faults: Readonly<Record<string, number>>;
  properties: Readonly<Record<string, boolean>>;
  valid: boolean;
}

/**
 * Judges a run from its journal and the final state of the database. Pure.
 * @param effectMs Each duplicate needs a cause: a fault that prevented the commit of the first outcome, at that time or at most this
 * long before or after.
 */
export function judge(
  journal: Journal,
  final: FinalState,
  { expectedFaults, effectMs }: { expectedFaults: readonly string[]; effectMs: number },
): Verdict {
  const accepted = Map.groupBy(
    journal.arrivals.filter((arrival) => arrival.acceptedAt !== undefined),
    (arrival) => owing(keyOf(arrival), arrival.receiver),
  );
  const intents = [...journal.intents.values()];
  const acknowledged = intents.filter((intent) => intent.acknowledged);
  const owed = acknowledged.flatMap(owedBy);
  const lost = owed.filter((delivery) => !accepted.has(delivery));
  const unexpected = journal.arrivals
    .filter((arrival) => !isExpected(arrival, journal.intents.get(keyOf(arrival))))
    .map((arrival) => arrival.messageId || 'a callback with a wrong signature');
  const repeated = [...accepted.values()].filter((arrivals) => arrivals.length > 1);
  const unexplained = repeated
    .filter((arrivals) => !isExplained(arrivals, journal.faults, effectMs))
    .map((arrivals) => historyOf(arrivals, final.moves, journal.faults));
  const faults = Object.fromEntries(expectedFaults.map((name) => [name, count(journal.faults, name)]));
  const properties = {
    'nothing acknowledged is lost': lost.length === 0,
    'nothing unexpected arrives': unexpected.length === 0,
    'every duplicate has a cause': unexplained.length === 0,
    'what comes again carries the same ids': haveSameIds(journal.arrivals),
    'no delivery is stuck': final.unsettled === 0,
    'no dead letter': (final.states['failed'] ?? 0) === 0,
    'one send, one message':
      intents.every((intent) => !intent.contradicted) &&
      [...final.messagesBySend.values()].every((ids) => ids.length === 1),
    'only the owner of a lease changes a delivery': final.illegalMoves.length === 0,
    'the database is intact': final.integrity === 'ok',
    'every kind of fault happened': Object.values(faults).every((times) => times > 0),
  };
  return {
    attempted: intents.length,
    acknowledged: acknowledged.length,
    owed: owed.length,
    lost,
    unexpected,
    duplicated: repeated.length,
    unexplained,
    recovered: intents.filter(
      (intent) => !intent.acknowledged && owedBy(intent).some((delivery) => accepted.has(delivery)),
    ).length,
    longestPauseMs: longestPause(acknowledged.flatMap((intent) => intent.acknowledged?.at ?? [])),
    kills: journal.faults.reduce((sum, fault) => sum + fault.kills, 0),
    faults,
    properties,
    valid: Object.values(properties).every(Boolean),
  };
}

function longestPause(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted.reduce((longest, at, n) => Math.max(longest, at - (sorted[n - 1] ?? at)), 0);
}

function keyOf({ message }: Arrival): string {
  return sendOf(message);
}

function owedBy({ key, recipients }: Intent): string[] {
  return recipients.map((recipient) => owing(key, recipient));
}

function owing(key: string, recipient: string): string {
  return `${key} to ${recipient}`;
}

function isExpected({ valid, message, receiver }: Arrival, intent: Intent | undefined): boolean {
  return valid && intent?.message === message && intent.recipients.includes(receiver);
}

function isExplained(arrivals: readonly Arrival[], faults: readonly Fault[], effectMs: number): boolean {
  return arrivals.slice(0, -1).every((arrival) => {
    if (EXPECTED_AGAIN.includes(arrival.behaviour)) return true;
    const { way, at, acceptedAt = at, endedAt = acceptedAt } = arrival;
    return faults.some(
      ({ name, from, to }) =>
        !HARMLESS[way].includes(name) && from - effectMs <= endedAt && at <= to + effectMs,
    );
  });
}

/** When a delivery arrived, what became of its leases, and what was going on: each in seconds after the first fault. */
function historyOf(arrivals: readonly Arrival[], moves: readonly Move[], faults: readonly Fault[]): string {
  const zero = faults[0]?.from ?? 0;
  const second = (at: number) => ((at - zero) / 1000).toFixed(1);
  const id = arrivals[0]?.deliveryId;
  const came = arrivals.map(({ way, behaviour, at }) => `${way}: ${behaviour}, at ${second(at)} s`);
  const moved = moves.flatMap((move) => {
    if (move.id !== id) return [];
    const until = move.expired_at === null ? '' : `, whose lease was until ${second(move.expired_at)} s`;
    return `${move.from_state}${until}, was ${move.to_state} at ${second(move.at)} s`;
  });
  const during = faults.map(({ name, from, to }) => `${name}, ${second(from)} to ${second(to)} s`);
  return `${arrivals[0]?.messageId} ${came.join('; ')}; ${moved.join('; ')}; beside ${during.slice(-20).join('; ')}`;
}

/** One message for each send, one delivery of it for each receiver. */
function haveSameIds(arrivals: readonly Arrival[]): boolean {
  const valid = arrivals.filter((arrival) => arrival.valid);
  const messages = Map.groupBy(valid, keyOf);
  const deliveries = Map.groupBy(valid, (arrival) => owing(keyOf(arrival), arrival.receiver));
  const isOne = (ids: readonly string[]) => new Set(ids).size === 1;
  return (
    [...messages.values()].every((all) => isOne(all.map(({ messageId }) => messageId))) &&
    [...deliveries.values()].every((all) => isOne(all.map(({ deliveryId }) => deliveryId)))
  );
}

function count(faults: readonly Fault[], name: string): number {
  return faults.filter((fault) => fault.name === name).length;
}
