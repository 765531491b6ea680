import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CONTROLS, changed } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// The controls themselves run where everything is checked; a change to the product shall not have to wait for that.
for (const [name, { changes }] of Object.entries(CONTROLS)) {
  test(`the control ${name} finds in the sources what it changes`, () => {
    for (const change of changes) assert.ok(changed(ROOT, change).includes(change.to));
  });
}
