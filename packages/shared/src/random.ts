import { randomBytes } from 'node:crypto';

/** Where randomness comes from; injected, so that tests can repeat it. */
export interface Random {
  /** `size` cryptographically strong bytes. */
  bytes(size: number): Buffer;
  /** A number in [0, 1), for jitter; not for secrets. */
  fraction(): number;
}

export const systemRandom: Random = { bytes: randomBytes, fraction: () => Math.random() };
