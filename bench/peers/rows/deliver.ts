import { beforeDeadline } from '../../rig/deadline.ts';
import { allRecorded, cpuMsOf } from '../cost.ts';
import type { Row } from '../row.ts';

/** No machine is so slow. */
const STUCK_AFTER_MS = 300_000;

/** How fast a worker that has just started delivers a backlog, and how fast it does so later. */
export const deliverRow: Row = {
  name: 'deliver',
  about: 'How fast a fresh worker delivers a backlog of 20,000, and the 10,000 after it.',
  share: 22,
  figures: [
    {
      key: 'fresh',
      label: 'deliver a backlog, first 20,000 of a fresh worker',
      unit: 'deliveries/s',
      better: 'more',
    },
    { key: 'warm', label: 'deliver, the 10,000 after them', unit: 'deliveries/s', better: 'more' },
    {
      key: 'cpu',
      label: 'deliver, processor time of all processes',
      unit: 'µs a delivery',
      better: 'less',
    },
  ],
  async measure(side, { lab, receiver }) {
    const [fresh, warm] = [lab.size(20_000, 200, 5000), lab.size(10_000, 100, 2500)];
    await side.fill(fresh + warm, 'ok');
    const { complete } = await receiver.expect(fresh + warm);
    const before = cpuMsOf(side);
    await side.startWorker();
    await beforeDeadline(complete, STUCK_AFTER_MS, `The callbacks of ${fresh + warm} messages`);
    const cpu = ((cpuMsOf(side) - before) / (fresh + warm)) * 1000;
    const times = (await receiver.arrivals()).map(([, at]) => at).toSorted((one, other) => one - other);
    await allRecorded(side, fresh + warm);
    const [first = 0, middle = 0, last = 0] = [times[0], times[fresh - 1], times.at(-1)];
    return {
      fresh: ((fresh - 1) / (middle - first)) * 1000,
      warm: (warm / (last - middle)) * 1000,
      cpu,
    };
  },
};
