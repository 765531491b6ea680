import type { KeyObject } from 'node:crypto';
import type { Database } from '@mahilo/shared/db/open';
import { matchesHash, type NewApiKey } from './api-key.ts';
import { findKeyOwner, type User } from './users.ts';

/** Keys remembered at once; when there are more, all are forgotten and come back as they are used. */
const MAX_KEYS = 10_000;

/**
 * The keys that were found valid, so that a busy caller's key is not verified anew for each request. What another
 * process writes empties it before the next look, and what this process does to a key it is told: a dead key is dead at
 * once.
 */
export class KeyCache {
  readonly #db: Database;
  readonly #hashKey: KeyObject;
  readonly #users = new Map<string, User>();
  #version: unknown;

  constructor(db: Database, hashKey: KeyObject) {
    this.#db = db;
    this.#hashKey = hashKey;
  }

  /** Whose key it is; undefined when it is nobody's. */
  async userOf(given: NewApiKey): Promise<User | undefined> {
    this.#forgetIfChanged();
    const known = this.#users.get(given.key);
    if (known) return known;
    const [owner] = await findKeyOwner(this.#db.kysely, given.id);
    if (owner === undefined || !matchesHash(this.#hashKey, given.key, owner.hash)) return undefined;
    if (this.#users.size >= MAX_KEYS) this.#users.clear();
    const user = { id: owner.id, username: owner.username };
    this.#users.set(given.key, user);
    return user;
  }

  /** A key was replaced. */
  forget(): void {
    this.#users.clear();
  }

  #forgetIfChanged(): void {
    const version = this.#db.dataVersion();
    if (version !== this.#version) this.#users.clear();
    this.#version = version;
  }
}
