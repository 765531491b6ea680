import { Journal, type JournalEntry } from './journal.ts';
import type { KeyStore } from './key-store.ts';
import type { KeyPair } from './seal.ts';
import { unopened } from './unopened.ts';

const VERSION = 1;
/** Former keys of an agent that still decrypt what was on its way. */
export const MAX_FORMER = 3;
const MAX_GROUPS = 1000;
/** Sends whose ciphertext is kept, for a repetition under the same idempotency key, and their characters. */
const MAX_SENT = 32;
const MAX_SENT_CHARACTERS = 1_048_576;

/** The keys of one agent of one's own. */
export interface OwnKeys {
  /** Its framework and label. */
  agent: string;
  /** Unknown until the registry has it. */
  connectionId?: string | undefined;
  encrypt: KeyPair;
  sign: KeyPair;
  former: KeyPair[];
}

/** The public keys of an agent: the `x` of its JWKs. */
export interface PublicKeys {
  x25519?: string | undefined;
  ed25519?: string | undefined;
}

/** Keys of somebody else that were seen, and count until their change was verified. */
export interface Pin extends PublicKeys {
  /** ISO 8601. */
  since: string;
  /** When somebody compared the digits (ISO 8601). */
  accepted?: string | undefined;
}

/** What was sent under an idempotency key of the caller's. */
export interface SentBefore {
  key: string;
  /** Of what was asked for. */
  digest: string;
  sealed: string;
}

interface Kept {
  version: number;
  own: OwnKeys[];
  people: Record<string, Record<string, Pin>>;
  /** What `verify` has shown last, by username. */
  shown: Record<string, string>;
  groups: string[];
  journal: Record<string, { floor: number; entries: JournalEntry[] }>;
  sent: SentBefore[];
}

/** Everything that encryption has to remember. */
export class KeyRing {
  readonly own: OwnKeys[];
  /** The agents of people, by username and by connection. */
  readonly people: Map<string, Map<string, Pin>>;
  readonly shown: Map<string, string>;
  readonly journal: Journal;
  readonly #groups: Set<string>;
  readonly #sent: SentBefore[];

  /** @throws MahiloError INVALID_KEYS when the text is no key ring's. */
  constructor(kept: string | undefined) {
    const { own = [], people = {}, shown = {}, groups = [], journal = {}, sent = [] } = keptIn(kept);
    this.own = own;
    this.people = new Map(
      Object.entries(people).map(([name, pins]) => [name, new Map(Object.entries(pins))]),
    );
    this.shown = new Map(Object.entries(shown));
    this.journal = new Journal(Object.entries(journal));
    this.#groups = new Set(groups);
    this.#sent = sent;
  }

  get text(): string {
    const people = [...this.people].map(([name, pins]) => [name, Object.fromEntries(pins)]);
    const kept: Kept = {
      version: VERSION,
      own: this.own,
      people: Object.fromEntries(people),
      shown: Object.fromEntries(this.shown),
      groups: [...this.#groups],
      journal: Object.fromEntries(this.journal.logs),
      sent: this.#sent,
    };
    return JSON.stringify(kept);
  }

  /** The keys of the agent that sends; without a name the only one there is. */
  ownOf(connectionId: string | undefined): OwnKeys | undefined {
    const connected = this.own.filter((keys) => keys.connectionId !== undefined);
    if (connectionId === undefined) return connected.length === 1 ? connected[0] : undefined;
    return connected.find((keys) => keys.connectionId === connectionId);
  }

  /** The group has been written to in ciphertext, by whomever: a message in the open would now be a surprise. */
  isEncrypted(groupId: string): boolean {
    return this.#groups.has(groupId) || this.journal.isOfGroup(groupId);
  }

  noteGroup(groupId: string): void {
    this.#groups.delete(groupId);
    this.#groups.add(groupId);
    for (const oldest of this.#groups) if (this.#groups.size > MAX_GROUPS) this.#groups.delete(oldest);
  }

  /** The ciphertext of the same message under the same key. */
  sentBefore(key: string, digest: string): string | undefined {
    return this.#sent.find((sent) => sent.key === key && sent.digest === digest)?.sealed;
  }

  /** @returns the ciphertext. */
  noteSent(sent: SentBefore): string {
    const characters = () => this.#sent.reduce((sum, { sealed }) => sum + sealed.length, 0);
    this.#sent.push(sent);
    while (this.#sent.length > MAX_SENT || characters() > MAX_SENT_CHARACTERS) this.#sent.shift();
    return sent.sealed;
  }

  /** That key belongs to another message by now, or to none. */
  forgetSent(key: string): void {
    const at = this.#sent.findIndex((sent) => sent.key === key);
    if (at >= 0) this.#sent.splice(at, 1);
  }
}

function keptIn(text: string | undefined): Partial<Kept> {
  if (text === undefined || text === '') return {};
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    if (kept.version === VERSION) return kept;
  } catch (error) {
    throw unopened('INVALID_KEYS', 'What is kept as your keys cannot be read.', error);
  }
  throw unopened('INVALID_KEYS', 'Your keys are of another version of this client.');
}

/** The key ring in its store. */
export class Keys {
  readonly #store: KeyStore;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** Reads, or changes what is kept, as one step. @throws MahiloError INVALID_KEYS, and what the work throws */
  async use<Result>(work: (ring: KeyRing) => Result): Promise<Result> {
    let done: { result: Result } | undefined;
    await this.#store.update((kept) => {
      const ring = new KeyRing(kept);
      const before = ring.text;
      done = { result: work(ring) };
      const after = ring.text;
      return after === before ? undefined : after;
    });
    if (done === undefined) throw new TypeError('The store of the keys has not called what it was given.');
    return done.result;
  }
}
