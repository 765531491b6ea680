/** Messages of one sending connection that are remembered, and of all. */
const MAX_OF_ONE = 1000;
const MAX_OF_ALL = 10_000;

/** A message that was opened. */
export interface JournalEntry {
  /** When its sender signed it (s since 1970). */
  at: number;
  /** The hash of its idempotency key. */
  key: string;
  /** The id under which the registry delivered it. */
  id: string;
  /** The group that it was for. */
  group?: string | undefined;
  /** It was dealt with. */
  done?: true | undefined;
}

interface Log {
  /** What was signed before or then (s since 1970), and is not remembered, may have been here. */
  floor: number;
  entries: JournalEntry[];
}

/**
 * `new`; `again`: as it came before; `done`: as it was dealt with before; `replayed`: under another id; `stale`: too
 * old to tell.
 */
export type Novelty = 'new' | 'again' | 'done' | 'replayed' | 'stale';

/**
 * Tells messages that are new from those that were here. It remembers a bounded number of each sender; what is older
 * than all of them it takes for a replay, so that nobody can wait until it has forgotten.
 */
export class Journal {
  readonly logs: Map<string, Log>;

  constructor(logs: Iterable<[connectionId: string, log: Log]>) {
    this.logs = new Map(logs);
  }

  /** @param from the connection that signed it, by a key that is known. */
  note(from: string, entry: JournalEntry): Novelty {
    const log = this.logs.get(from) ?? { floor: 0, entries: [] };
    const before = log.entries.find(({ key }) => key === entry.key);
    if (before !== undefined) {
      if (before.id !== entry.id) return 'replayed';
      return before.done ? 'done' : 'again';
    }
    if (entry.at <= log.floor) return 'stale';
    this.logs.set(from, log);
    log.entries.push(entry);
    log.entries.sort((one, other) => one.at - other.at);
    this.#bound(log);
    return 'new';
  }

  markDone(messageId: string): void {
    for (const { entries } of this.logs.values())
      for (const entry of entries) if (entry.id === messageId) entry.done = true;
  }

  /** Which connection sent a message that was opened, and to which group. */
  senderOf(messageId: string): { from: string; group: string | undefined } | undefined {
    for (const [from, { entries }] of this.logs) {
      const entry = entries.find(({ id }) => id === messageId);
      if (entry !== undefined) return { from, group: entry.group };
    }
    return undefined;
  }

  /** Whether something that was opened was for this group. */
  isOfGroup(groupId: string): boolean {
    for (const { entries } of this.logs.values())
      if (entries.some(({ group }) => group === groupId)) return true;
    return false;
  }

  #bound(log: Log): void {
    if (log.entries.length > MAX_OF_ONE) forgetOldest(log);
    const logs = [...this.logs.values()];
    if (logs.reduce((sum, { entries }) => sum + entries.length, 0) <= MAX_OF_ALL) return;
    forgetOldest(logs.reduce((one, other) => (other.entries.length > one.entries.length ? other : one)));
  }
}

function forgetOldest(log: Log): void {
  const oldest = log.entries.shift();
  if (oldest !== undefined) log.floor = Math.max(log.floor, oldest.at);
}
