import { keysOfHash, type NewApiKey, storedHash } from '@mahilo/shared/accounts/api-key';
import { findKeyOwner, type KeyOwner, noteKeyUse, rehashKey } from '@mahilo/shared/accounts/keys';
import type { Clock } from '@mahilo/shared/clock';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { LRUCache } from 'lru-cache';
import type { ApiDatabase } from '../access/api-database.ts';
import { type Caller, isExpired } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { LastUses } from './last-uses.ts';

/** Memory (bytes) that remembered keys take, about; those that were not used for longest are forgotten first. */
const MAX_BYTES = 8_388_608;
/** What a caller takes beside the key and the names. */
const CALLER_BYTES = 400;

/**
 * A cache of valid keys, so that a busy caller's key need not be verified for each request. An entry is valid while
 * its access version stands in the database: a dead key is dead at once, whichever process ended it.
 */
export class KeyCache {
  readonly #db: ApiDatabase;
  readonly #keys: KeyRing;
  readonly #clock: Clock;
  readonly #uses: LastUses;
  readonly #callers = new LRUCache<string, Caller>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ username, id }, key) => CALLER_BYTES + 2 * (key.length + username.length + id.length),
  });
  #version: number | undefined;
  /** Questions for the version until now, and which of them gave it: the answer to an older one may come later. */
  #questions = 0;
  #answered = 0;
  /** The question for the version that was asked in this turn of the event loop, and whether it is answered. */
  #asked: Promise<number> | undefined;
  #isAnswered = false;

  constructor({ db, keys, clock }: Pick<ApiDeps, 'db' | 'keys' | 'clock'>) {
    this.#db = db;
    this.#keys = keys;
    this.#clock = clock;
    this.#uses = new LastUses(db, noteKeyUse);
    db.onCommit(() => this.#askAgain());
  }

  /** The owner of a key, if it is in the cache and somebody has asked in this turn of the event loop. */
  rememberedCaller({ id, key }: NewApiKey): Caller | undefined {
    const caller = this.#isAnswered ? this.#callers.get(key) : undefined;
    return caller && this.#used(id, caller);
  }

  /** The owner of a key; undefined when nobody owns it. Takes it from the cache if it can. */
  async findCaller(given: NewApiKey): Promise<Caller | undefined> {
    const version = await this.#currentVersion();
    const caller = version === this.#version ? this.#callers.get(given.key) : undefined;
    return caller === undefined ? this.lookUpCaller(given) : this.#used(given.id, caller);
  }

  /** The owner of a key, whatever the cache says; undefined when nobody owns it. */
  async lookUpCaller(given: NewApiKey): Promise<Caller | undefined> {
    const version = await this.#currentVersion();
    const [owner] = await findKeyOwner(this.#db.kysely, given.id);
    const under = owner && keysOfHash(this.#keys, given.key, owner);
    if (owner === undefined || under === undefined) return undefined;
    if (owner.secret_key_id !== this.#keys.current.id) this.#rehash(given, owner.hash);
    const caller = callerOf(given.id, owner, version);
    // Meanwhile another request may have seen a newer version.
    if (version === this.#version) this.#callers.set(given.key, caller);
    return this.#used(given.id, caller);
  }

  /** Records which keys were used. */
  async close(): Promise<void> {
    await this.#uses.close();
  }

  #used(id: string, caller: Caller): Caller | undefined {
    const now = this.#clock.now();
    if (isExpired(caller, now)) return undefined;
    this.#uses.note(id, caller, now);
    return caller;
  }

  /**
   * Stores a key's hash under the current secret, so that the previous secret can be dropped. Runs in the background.
   */
  #rehash({ id, key }: NewApiKey, oldHash: Buffer): void {
    const hashed = storedHash(this.#keys, key);
    // If this fails, the next use of the key tries again.
    this.#db
      .write('registry', (trx) => rehashKey(trx, hashed.hash, hashed.secret_key_id, id, oldHash))
      .catch(() => {});
  }

  /**
   * Looks the version up once in a turn of the event loop, and again after each commit of this process. Within one
   * turn, another process's commit may count as before or after.
   */
  #currentVersion(): Promise<number> {
    if (this.#asked !== undefined) return this.#asked;
    this.#questions += 1;
    const question = this.#questions;
    const asked: Promise<number> = this.#db.accessVersion().then((version) => {
      if (question < this.#answered) return version;
      this.#answered = question;
      if (version !== this.#version) this.#callers.clear();
      this.#version = version;
      if (asked === this.#asked) this.#isAnswered = true;
      return version;
    });
    this.#asked = asked;
    setImmediate(() => this.#askAgain());
    return asked;
  }

  #askAgain(): void {
    this.#asked = undefined;
    this.#isAnswered = false;
  }
}

function callerOf(keyId: string, owner: KeyOwner, accessVersion: number): Caller {
  const { id, username, scope, connection_id, expires_at, last_used_at } = owner;
  const limits = { scope, connectionId: connection_id, expiresAt: expires_at };
  return { id, username, keyId, session: null, ...limits, lastUsedAt: last_used_at, accessVersion };
}
