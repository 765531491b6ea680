import { randomBytes, randomFillSync } from 'node:crypto';

/** Where randomness comes from; injected, so that tests can repeat it. */
export interface Random {
  /** `size` cryptographically strong bytes. */
  bytes(size: number): Buffer;
  /** A number in [0, 1), for jitter; not for secrets. */
  fraction(): number;
}

/** Bytes that are asked for at once: asking the system costs many times what a few bytes cost, and each send needs some. */
const STOCK_BYTES = 4096;
const stock = Buffer.alloc(STOCK_BYTES);
let taken = STOCK_BYTES;

/** Never gives a byte twice, and keeps none that it gave. */
function fromStock(size: number): Buffer {
  if (size > STOCK_BYTES) return randomBytes(size);
  if (taken + size > STOCK_BYTES) {
    randomFillSync(stock);
    taken = 0;
  }
  const given = stock.subarray(taken, taken + size);
  const bytes = Buffer.from(given);
  given.fill(0);
  taken += size;
  return bytes;
}

export const systemRandom: Random = { bytes: fromStock, fraction: () => Math.random() };
