import assert from 'node:assert/strict';
import { thoroughly } from '@mahilo/shared/test/thoroughly';
import type { Mutant } from './mutants.ts';
import { PROFILES } from './profiles.ts';
import { runChaos } from './run.ts';
import type { Verdict } from './verdict.ts';

const SEED = 1;
/** Of the product's run (ms): some of everything happens in it, though not each kind of fault. */
const DURATION_MS = thoroughly({ inCi: 20_000, elsewhere: 8000 });

/** A short run with the product, or with a mutant until it is found guilty. */
export async function shortRun(mutant?: Mutant): Promise<Verdict> {
  assert.ok(PROFILES['short']);
  const profile = { ...PROFILES['short'], ...(mutant === undefined && { durationMs: DURATION_MS }) };
  const control = mutant && { root: mutant.root, faults: mutant.faults, untilGuilty: true };
  return runChaos({ profile, seed: SEED, progress: () => undefined, ...control });
}

/** The properties that did not hold. */
export function broken(verdict: Verdict): string[] {
  return Object.entries(verdict.properties)
    .filter(([, holds]) => !holds)
    .map(([name]) => name);
}
