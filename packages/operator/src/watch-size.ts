import { statSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { systemClock } from '@mahilo/shared/clock';
import { bytes } from './format.ts';

// Runs in its own thread, since the main thread is inside SQLite until the copy is done.
const EVERY_MS = 2000;
const STDERR = 2;

const { file, expected } = workerData as { file: string; expected: number };
const startedAt = systemClock.monotonicMs();
let before = -1;
setInterval(() => {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const seconds = Math.round((systemClock.monotonicMs() - startedAt) / 1000);
  // The file grows until it is copied; then it is read.
  const doing = size === before ? 'Checking' : `Copying: ${bytes(size)} of at most ${bytes(expected)}`;
  writeSync(STDERR, `${doing}, ${seconds} s …\n`);
  before = size;
}, EVERY_MS);
