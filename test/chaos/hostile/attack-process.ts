import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import { Attacker } from './attacker.ts';
import { ATTACKS } from './attacks.ts';
import type { Route } from './route.ts';

// A separate process that yields to all others: real attackers use their own machines, not this one.
setPriority(19);

const { route, durationMs } = JSON.parse(process.argv[2] ?? '') as { route: Route; durationMs: number };
const hanging = createServer((socket) => socket.on('error', () => undefined).resume());
await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
const hangingUrl = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
const over = AbortSignal.timeout(durationMs);
const attackers = Object.keys(ATTACKS).map((name, n) => ({
  name,
  attacker: new Attacker(name, n, route, hangingUrl, over),
}));
process.on('unhandledRejection', () => undefined);
await Promise.race([
  Promise.allSettled(attackers.map(({ name, attacker }) => ATTACKS[name]?.(attacker))),
  new Promise((resolve) => setTimeout(resolve, durationMs + 1000)),
]);
const report = Object.fromEntries(
  attackers.map(({ name, attacker }) => [name, Object.fromEntries(attacker.counts)]),
);
process.send?.(report, () => process.exit());
