import { setTimeout as sleep } from 'node:timers/promises';
import { DemoError } from './demo-error.ts';

const EVERY_MS = 25;
const TIMEOUT_MS = 60_000;

/** Repeats `look` until it finds something. @throws DemoError that names what did not come. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(EVERY_MS);
  }
  throw new DemoError(`Waited ${TIMEOUT_MS / 1000} s in vain for this: ${what}.`);
}
