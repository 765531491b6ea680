import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './documents/markdown.ts';

/** Whose works write beside others, and have been looked at for it: docs/decisions/0014-hot-works-beside-each-other.md. */
const ALLOWED = ['packages/api/src/messages/acceptors.ts', 'packages/worker/src/worker.ts'];
/** Those that pass it on. */
const WAY = /\/shared\/src\/db\/|\/api\/src\/access\/api-database\.ts$/;

test('only works that lock what they decide by write beside others', () => {
  const files = globSync('{packages/{shared,api,worker,operator}/src,scripts,bench}/**/*.ts', { cwd: ROOT });
  const users = files.filter(
    (file) =>
      !file.endsWith('.test.ts') &&
      !WAY.test(file) &&
      /writeBeside/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  assert.deepEqual(users.toSorted(), ALLOWED);
});
