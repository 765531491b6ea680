import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mutant, makeMutant } from './chaos/mutants.ts';
import { PROFILES } from './chaos/profiles.ts';
import { runChaos } from './chaos/run.ts';
import type { Verdict } from './chaos/verdict.ts';

const SEED = 1;

async function short(mutant?: Mutant): Promise<Verdict> {
  const profile = PROFILES['short'];
  assert.ok(profile);
  const control = mutant && { root: mutant.root, faults: mutant.faults, untilGuilty: true };
  return runChaos({ profile, seed: SEED, progress: () => undefined, ...control });
}

function broken(verdict: Verdict): string[] {
  return Object.entries(verdict.properties)
    .filter(([, holds]) => !holds)
    .map(([name]) => name);
}

test('nothing that was acknowledged is lost, whatever dies', async () => {
  const verdict = await short();
  assert.deepEqual(broken(verdict), [], JSON.stringify(verdict));
  assert.ok(verdict.acknowledged > 0 && verdict.kills > 0, 'nothing happened');
});

test('the harness finds a product without fencing guilty', async () => {
  using mutant = makeMutant('no-fencing');
  assert.deepEqual(broken(await short(mutant)), ['only the owner of a lease changes a delivery']);
});

test('the harness finds a product guilty whose inbox forgets what was fetched', async () => {
  using mutant = makeMutant('fetched-is-delivered');
  assert.deepEqual(broken(await short(mutant)), ['nothing acknowledged is lost']);
});

test('the harness finds a product that acknowledges before the commit guilty', async () => {
  using mutant = makeMutant('acknowledge-before-commit');
  assert.ok(broken(await short(mutant)).includes('nothing acknowledged is lost'));
});
