import { keysOfHash, type NewApiKey, storedHash } from '@mahilo/shared/accounts/api-key';
import { findKeyOwner, rehashKey } from '@mahilo/shared/accounts/users';
import type { KeyRing } from '@mahilo/shared/sealing/keys';
import type { ApiDatabase } from '../access/api-database.ts';
import type { Caller } from '../access/caller.ts';

/** Keys remembered at once; when there are more, all are forgotten and come back as they are used. */
const MAX_KEYS = 10_000;

/**
 * The keys that were found valid, so that a busy caller's key is not verified anew for each request. What was found under
 * one access version holds while that version stands in the database: a dead key is dead at once, whichever
 * process killed it.
 */
export class KeyCache {
  readonly #db: ApiDatabase;
  readonly #keys: KeyRing;
  readonly #callers = new Map<string, Caller>();
  #version: number | undefined;
  #isFresh = false;

  constructor(db: ApiDatabase, keys: KeyRing) {
    this.#db = db;
    this.#keys = keys;
    db.onCommit(() => {
      this.#isFresh = false;
    });
  }

  /** Whose key it is, if that is remembered. */
  rememberedCaller({ key }: NewApiKey): Caller | undefined {
    this.#currentVersion();
    return this.#callers.get(key);
  }

  /** Whose key it is; undefined when it is nobody's. */
  async findCaller(given: NewApiKey): Promise<Caller | undefined> {
    const version = this.#currentVersion();
    const [owner] = await findKeyOwner(this.#db.kysely, given.id);
    const under = owner && keysOfHash(this.#keys, given.key, owner);
    if (owner === undefined || under === undefined) return undefined;
    if (owner.secret_key_id !== this.#keys.current.id) this.#rehash(given, owner.hash);
    if (this.#callers.size >= MAX_KEYS) this.#callers.clear();
    const { id, username } = owner;
    const caller = { id, username, keyId: given.id, accessVersion: version };
    // Another request may have seen a newer version while this one was looking.
    if (version === this.#version) this.#callers.set(given.key, caller);
    return caller;
  }

  /** Puts a key under the current secret, so that the previous one can be dropped. Nobody waits for it. */
  #rehash({ id, key }: NewApiKey, known: Buffer): void {
    const hashed = storedHash(this.#keys, key);
    // Where it fails, the next use of the key tries again.
    this.#db
      .write('registry', (trx) => rehashKey(trx, hashed.hash, hashed.secret_key_id, id, known))
      .catch(() => {});
  }

  /**
   * Looked up once in a turn of the event loop, and again after a commit of ours: of what another process has done in the
   * same turn nobody can say whether it was before or after.
   */
  #currentVersion(): number {
    if (this.#isFresh && this.#version !== undefined) return this.#version;
    this.#isFresh = true;
    setImmediate(() => {
      this.#isFresh = false;
    });
    const version = this.#db.accessVersion();
    if (version !== this.#version) this.#callers.clear();
    this.#version = version;
    return version;
  }
}
