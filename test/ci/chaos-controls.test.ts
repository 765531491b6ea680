import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeMutant } from '../chaos/mutants.ts';
import { broken, shortRun } from '../chaos/short-run.ts';

test('the harness finds a product without fencing guilty', async () => {
  using mutant = makeMutant('no-fencing');
  assert.deepEqual(broken(await shortRun(mutant)), ['only the owner of a lease changes a delivery']);
});

test('the harness finds a product guilty whose inbox forgets what was fetched', async () => {
  using mutant = makeMutant('fetched-is-delivered');
  assert.deepEqual(broken(await shortRun(mutant)), ['nothing acknowledged is lost']);
});

test('the harness finds a product that acknowledges before the commit guilty', async () => {
  using mutant = makeMutant('acknowledge-before-commit');
  assert.ok(broken(await shortRun(mutant)).includes('nothing acknowledged is lost'));
});
