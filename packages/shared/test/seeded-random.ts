import type { Random } from '../src/random.ts';

/** Randomness that is the same in every run (mulberry32). */
export function seededRandom(seed = 1): Random {
  let state = seed;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    bytes: (size) => Buffer.from(Uint8Array.from({ length: size }, () => fraction() * 256)),
  };
}
