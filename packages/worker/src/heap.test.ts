import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('this version of V8 knows the flags: of one that it does not know it complains, and goes on', () => {
  const said = (script: string) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stderr;
  const heap = JSON.stringify(join(import.meta.dirname, 'heap.ts'));
  assert.equal(said(`(await import(${heap})).tuneHeap()`), '');
  assert.match(said("(await import('node:v8')).setFlagsFromString('--unknown')"), /unrecognized flag/);
});
