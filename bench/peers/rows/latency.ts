import { percentile } from '../../statistics.ts';
import type { Row } from '../row.ts';
import { steady } from '../steady.ts';

const PER_SECOND = 100;
const RARELY_PER_SECOND = 10;

/** How long a message is on its way, from the POST to the callback. */
export const latencyRow: Row = {
  name: 'latency',
  about: 'From the POST to the callback, at 100 and at 10 messages a second.',
  share: 21,
  figures: [
    { key: 'p50', label: `POST → callback at ${PER_SECOND}/s, p50`, unit: 'ms', better: 'less' },
    { key: 'p99', label: `POST → callback at ${PER_SECOND}/s, p99`, unit: 'ms', better: 'less' },
    { key: 'rare', label: `POST → callback at ${RARELY_PER_SECOND}/s, p50`, unit: 'ms', better: 'less' },
  ],
  async measure(side, rig) {
    await side.startWorker();
    const { lab, receiver } = rig;
    const load = { side, receiver, graceMs: lab.size(2000, 1000, 1000) };
    await steady({ ...load, perSecond: PER_SECOND, seconds: lab.size(3, 1, 2) });
    const often = await steady({ ...load, perSecond: PER_SECOND, seconds: lab.size(6, 1, 3) });
    const rarely = await steady({ ...load, perSecond: RARELY_PER_SECOND, seconds: lab.size(5, 1, 2) });
    if (!often.keptUp || often.times.length < often.sent) {
      throw new Error(`Of ${often.sent} messages ${often.times.length} arrived.`);
    }
    return {
      p50: percentile(often.times, 0.5),
      p99: percentile(often.times, 0.99),
      rare: percentile(rarely.times, 0.5),
    };
  },
};
