import { type SigningSecret, signingSecret } from '@mahilo/shared/callback/sign';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { unsealWithRing } from '@mahilo/shared/sealing/seal';

/** Secrets remembered at once. When there are more, all are forgotten and opened again as they are needed. */
const MAX_SECRETS = 10_000;

/** Opens what is sealed for a connection, and caches it: opening a secret costs more than signing with it. */
export class Secrets {
  readonly #keys: KeyRing;
  readonly #texts = new Map<string, string>();
  readonly #signing = new Map<string, SigningSecret>();

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  /** @throws Error when it was sealed under another SECRET_KEY. */
  open(sealed: Buffer, connectionId: string): string {
    return remembered(this.#texts, sealed, connectionId, () => this.#unseal(sealed, connectionId));
  }

  /** A callback secret, ready to sign. @throws Error when it was sealed under another SECRET_KEY. */
  signing(sealed: Buffer, connectionId: string): SigningSecret {
    return remembered(this.#signing, sealed, connectionId, () =>
      signingSecret(this.#unseal(sealed, connectionId)),
    );
  }

  #unseal(sealed: Buffer, connectionId: string): string {
    return unsealWithRing(this.#keys, sealed, connectionId).secret;
  }
}

function remembered<T>(cache: Map<string, T>, sealed: Buffer, connectionId: string, open: () => T): T {
  // The sealed bytes are part of the key: a rotated secret is another entry.
  const name = connectionId + sealed.toString('latin1');
  const cached = cache.get(name);
  if (cached !== undefined) return cached;
  const opened = open();
  if (cache.size >= MAX_SECRETS) cache.clear();
  cache.set(name, opened);
  return opened;
}
