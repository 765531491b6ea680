#!/usr/bin/env node
import { endingOf } from './exit.ts';
import { mahiloCommand } from './program.ts';

// A reader that has gone is noticed by whoever writes.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await mahiloCommand().parseAsync();
} catch (error) {
  const { exitCode, sentence } = endingOf(error);
  if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
  process.exitCode = exitCode;
}
