import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { unsealWithRing } from '@mahilo/shared/sealing/seal';

/** Secrets remembered at once. When there are more, all are forgotten and opened again as they are needed. */
const MAX_SECRETS = 10_000;

/** Opens callback secrets and caches them: opening one costs more than signing with it. */
export class Secrets {
  readonly #keys: KeyRing;
  readonly #opened = new Map<string, string>();

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  /** @throws Error when it was sealed under another SECRET_KEY. */
  open(sealed: Buffer, connectionId: string): string {
    // The sealed bytes are part of the key: a rotated secret is another entry.
    const name = connectionId + sealed.toString('latin1');
    const cached = this.#opened.get(name);
    if (cached !== undefined) return cached;
    if (this.#opened.size >= MAX_SECRETS) this.#opened.clear();
    const { secret } = unsealWithRing(this.#keys, sealed, connectionId);
    this.#opened.set(name, secret);
    return secret;
  }
}
