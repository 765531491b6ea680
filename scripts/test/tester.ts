import { resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { OnlyWithSqlite } from '@mahilo/shared/test/dialect';

/** How long (ms) after the last test the process may still be busy: what a test has left open is to be found, not waited for. */
const END_WITHIN_MS = 60_000;

const files = process.argv.slice(2);
let running = files.length;

// Runs test files in this process, one after the other, so that what they all import is loaded once: those of its
// arguments, or those that its parent sends. Each file is a suite: its `before` and `after` are around its own tests.
function run(file: string): void {
  describe(file, async () => {
    after(ended);
    try {
      await import(resolve(file));
    } catch (error) {
      if (!(error instanceof OnlyWithSqlite)) throw error;
      test(file, { skip: `only with SQLite: ${error.message}` });
    }
  });
}

function ended(): void {
  running -= 1;
  if (running === 0) endSoon();
}

/** Ends a process that would go on for ever, since a test that failed still waits for something. */
function endSoon(): void {
  setTimeout(() => {
    console.error(`Still open after the last test: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, END_WITHIN_MS).unref();
}

for (const file of files) run(file);
if (process.send) process.on('message', run).once('disconnect', endSoon);
