import { percentile } from '../../statistics.ts';
import type { Rig, Row } from '../row.ts';
import type { OpenSide } from '../side.ts';
import { steady } from '../steady.ts';

const SLOWEST_P99_MS = 1000;
const LOWEST = 50;
const HIGHEST = 20_000;
/** Steps of the search: by this factor until one fails, then half of it (of its logarithm) between. */
const STEP = 1.5;
const REFINEMENTS = 2;
/** How long a failed rate's messages may take to arrive (ms), before the next rate is tried. */
const DRAINED_WITHIN_MS = 20_000;

/** The highest rate at which accepting and delivering keep up with each other, both at once. */
export const sustainedRow: Row = {
  name: 'sustained',
  about: 'The highest rate at which accepting and delivering keep up with each other.',
  share: 22,
  figures: [
    {
      key: 'rate',
      label: 'highest sustained rate with p99 < 1 s, both at once',
      unit: 'messages/s',
      better: 'more',
    },
  ],
  async measure(side, rig, hint) {
    await side.startWorker();
    await holds(side, rig, 100);
    const before = hint?.['rate'];
    return { rate: await search(side, rig, before ? before * 0.8 : rig.lab.size(300, 100)) };
  },
};

/** @returns the highest rate that held; 0 when none did. */
async function search(side: OpenSide, rig: Rig, start: number): Promise<number> {
  let [held, failed] = [0, HIGHEST];
  let rate = start;
  const probes = rig.lab.size(8, 2, 5);
  let refinements = 0;
  for (let n = 0; n < probes && refinements <= REFINEMENTS && rate >= LOWEST; n++) {
    const ok = await holds(side, rig, rate);
    rig.lab.progress(`  ${rate.toFixed(0)}/s ${ok ? 'holds' : 'is too much'}`);
    if (ok) held = rate;
    else {
      failed = rate;
      if (!(await drained(rig))) break;
    }
    if (held > 0 && failed < HIGHEST) refinements += 1;
    rate = nextRate(held, failed);
  }
  return held;
}

function nextRate(held: number, failed: number): number {
  if (held === 0) return failed / STEP ** 2;
  return failed < HIGHEST ? Math.sqrt(held * failed) : held * STEP;
}

async function holds(side: OpenSide, { lab, receiver }: Rig, perSecond: number): Promise<boolean> {
  const load = { side, receiver, perSecond: Math.round(perSecond), seconds: lab.size(4, 1, 2) };
  const { times, sent, keptUp } = await steady({ ...load, graceMs: SLOWEST_P99_MS });
  if (!keptUp || times.length < sent * 0.99) return false;
  // Those that did not arrive in time were slower than all that did.
  const late = Array.from({ length: sent - times.length }, () => Number.POSITIVE_INFINITY);
  return percentile([...times, ...late], 0.99) < SLOWEST_P99_MS;
}

/** Whether the rest arrives: a rate that is tried beside it would fail for what is left of the one before. */
async function drained({ receiver }: Rig): Promise<boolean> {
  const deadline = performance.now() + DRAINED_WITHIN_MS;
  let before = -1;
  while (performance.now() < deadline) {
    const { length } = await receiver.arrivals();
    if (length === before) return true;
    before = length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return false;
}
