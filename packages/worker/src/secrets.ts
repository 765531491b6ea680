import type { KeyObject } from 'node:crypto';
import { unseal } from '@mahilo/shared/sealing/seal';

/** Secrets remembered at once; when there are more, all are forgotten and come back as they are needed. */
const MAX_SECRETS = 10_000;

/** Opens callback secrets, and remembers them: opening one costs more than signing with it. */
export class Secrets {
  readonly #key: KeyObject;
  readonly #opened = new Map<string, string>();

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** @throws Error when it was sealed under another SECRET_KEY. */
  open(sealed: Buffer, connectionId: string): string {
    // The sealed bytes are part of the name: a rotated secret is another one.
    const name = connectionId + sealed.toString('latin1');
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    if (this.#opened.size >= MAX_SECRETS) this.#opened.clear();
    const secret = unseal(this.#key, sealed, connectionId);
    this.#opened.set(name, secret);
    return secret;
  }
}
