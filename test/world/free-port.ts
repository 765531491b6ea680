import { isFree } from '@mahilo/shared/test/is-free';

/** Below the ports that Linux hands out (32768 and up), so nobody gets it between two listeners. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** Test processes that run side by side begin far from each other. */
let last = (process.pid * 97) % PORTS;

/** A port of 127.0.0.1 that nothing listens on, and that stays free when its listener is stopped and started again. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS; tried += 1) {
    last = (last + 1) % PORTS;
    // Others may ask during the check.
    const port = FIRST_PORT + last;
    if (await isFree(port)) return port;
  }
  throw new Error('No port is free.');
}
