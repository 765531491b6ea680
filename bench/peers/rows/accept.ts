import { flood } from '../../load/flood.ts';
import { CLIENTS, cpuMsOf } from '../cost.ts';
import type { Row } from '../row.ts';

/** How fast messages are accepted while no worker runs. */
export const acceptRow: Row = {
  name: 'accept',
  about: 'How fast 64 clients are answered while no worker runs.',
  share: 6,
  figures: [
    { key: 'rate', label: `accept, ${CLIENTS} connections`, unit: 'messages/s', better: 'more' },
    {
      key: 'cpu',
      label: 'accept, processor time of all processes',
      unit: 'µs a message',
      better: 'less',
    },
  ],
  async measure(side, { lab }) {
    let n = 0;
    const round = (seconds: number) => {
      const request = () => side.request(n++);
      return flood({ port: side.port, connections: CLIENTS, seconds, request });
    };
    await round(lab.size(2, 0.2, 1));
    const before = cpuMsOf(side);
    const { perSecond, accepted } = await round(lab.size(4, 0.2, 2));
    return { rate: perSecond, cpu: ((cpuMsOf(side) - before) / accepted) * 1000 };
  },
};
