import { resolve } from 'node:path';
import { describe } from 'node:test';

// Runs several test files in this process, one after the other, so that what they all import is loaded once. Each file
// is a suite: its `before` and `after` are around its own tests.
for (const file of process.argv.slice(2)) {
  describe(file, async () => {
    await import(resolve(file));
  });
}
