#!/usr/bin/env node
import { runCommand } from './run.ts';

// A reader that has gone is noticed by whoever writes.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await runCommand();
