import assert from 'node:assert/strict';
import type { Mutant } from './mutants.ts';
import { PROFILES } from './profiles.ts';
import { runChaos } from './run.ts';
import type { Verdict } from './verdict.ts';

const SEED = 1;

/** A short run with the product, or with a mutant until it is found guilty. */
export async function shortRun(mutant?: Mutant): Promise<Verdict> {
  assert.ok(PROFILES['short']);
  const control = mutant && { root: mutant.root, faults: mutant.faults, untilGuilty: true };
  return runChaos({ profile: PROFILES['short'], seed: SEED, progress: () => undefined, ...control });
}

/** The properties that did not hold. */
export function broken(verdict: Verdict): string[] {
  return Object.entries(verdict.properties)
    .filter(([, holds]) => !holds)
    .map(([name]) => name);
}
