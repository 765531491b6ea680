import { randomFillSync } from 'node:crypto';

/** Where randomness comes from; injected, so that tests can repeat it. */
export interface Random {
  /** `size` cryptographically strong bytes. */
  bytes(size: number): Buffer;
  /** A number in [0, 1), for jitter; not for secrets. */
  fraction(): number;
}

/** Bytes that are drawn at once: a draw costs 3 µs, as much as a hundred times its bytes. */
const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

function systemBytes(size: number): Buffer {
  if (size > POOL_BYTES) return randomFillSync(Buffer.alloc(size));
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + size));
  // No byte is given out twice, and none is left behind.
  pool.fill(0, used, used + size);
  used += size;
  return bytes;
}

export const systemRandom: Random = { bytes: systemBytes, fraction: () => Math.random() };
