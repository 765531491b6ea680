import { percentile } from '../../statistics.ts';
import type { Row } from '../row.ts';
import { HANGING } from '../side.ts';
import { steady } from '../steady.ts';

const ROWS_EACH = 500;
const PER_SECOND = 100;

/** What a healthy agent notices of others that never answer. */
export const hangingRow: Row = {
  name: 'hanging',
  about: 'A healthy agent beside 20 that never answer.',
  share: 15,
  figures: [
    {
      key: 'p99',
      label: `${HANGING} agents that hang, ${ROWS_EACH} messages each: a healthy one's p99`,
      unit: 'ms',
      better: 'less',
    },
    { key: 'arrived', label: 'of its messages arrive within 5 s', unit: '%', better: 'more' },
  ],
  async measure(side, { lab, receiver }) {
    await side.startWorker();
    const load = { side, receiver, perSecond: PER_SECOND };
    await steady({ ...load, seconds: lab.size(2, 1), graceMs: 1000 });
    await side.fill(HANGING * lab.size(ROWS_EACH, 10), 'hang');
    const { times, sent } = await steady({
      ...load,
      seconds: lab.size(6, 1, 2),
      graceMs: lab.size(5000, 1000),
    });
    return {
      p99: times.length < sent * 0.99 ? null : percentile(times, 0.99),
      arrived: (times.length / sent) * 100,
    };
  },
};
