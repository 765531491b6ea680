import { test } from 'node:test';
import fc from 'fast-check';
import { testDatabase } from '../../test/database.ts';
import { LEASE_MS } from '../../test/outbox.ts';
import { OutboxSimulation, type SimulationStep } from '../../test/outbox-simulation.ts';
import { thoroughly } from '../../test/thoroughly.ts';

const LANES = 4;
const WORKERS = 3;
const RUNS = thoroughly({ inCi: 100, elsewhere: 40 });

const lane = fc.nat(LANES - 1);
const worker = fc.nat(WORKERS - 1);

/** Weighted, so that much is in flight while things go wrong. */
const step: fc.Arbitrary<SimulationStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send'), lane }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sendToAll') }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('lease'), worker, capacity: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('finish'),
      worker,
      count: fc.integer({ min: 1, max: 4 }),
      ending: fc.constantFrom('delivered', 'failed', 'released', 'retry', 'retry', 'retry'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('pass'),
      ms: fc.constantFrom(1, 500, 1500, LEASE_MS / 3, LEASE_MS - 1, LEASE_MS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('renew', 'crash'), worker }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('revive', 'suspend', 'resume', 'delete'), lane }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resend'), delivery: fc.nat(20) }) },
);

test('whatever happens in whatever order, each delivery has one owner at most, is never stuck, and ends once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      await using here = await testDatabase();
      const simulation = await OutboxSimulation.start(here, LANES, WORKERS);
      for (const next of steps) await simulation.take(next);
      await simulation.drain();
    }),
    { numRuns: RUNS },
  );
});
