import { beforeDeadline } from '../../rig/deadline.ts';
import { allRecorded, cpuMsOf, pssMiBOf } from '../cost.ts';
import type { Row } from '../row.ts';

/** By then (ms) a process that gives memory back when it has nothing to do has done so. */
const IDLE_AFTER_MS = 45_000;

/** What all processes take with nothing to do, after some deliveries. */
export const idleRow: Row = {
  name: 'idle',
  about: 'Processor time and memory with nothing to do.',
  share: 14,
  figures: [
    { key: 'cpu', label: 'idle, processor time of all processes', unit: '% of a core', better: 'less' },
    { key: 'memory', label: 'idle, memory of all processes (PSS)', unit: 'MiB', better: 'less' },
  ],
  async measure(side, { lab, receiver }) {
    const messages = lab.size(2000, 100);
    await side.fill(messages, 'ok');
    const { complete } = await receiver.expect(messages);
    await side.startWorker();
    await beforeDeadline(complete, 120_000, `The callbacks of ${messages} messages`);
    await allRecorded(side, messages);
    await new Promise((resolve) => setTimeout(resolve, lab.size(IDLE_AFTER_MS, 0, 1000)));
    const [begin, before] = [performance.now(), cpuMsOf(side)];
    await new Promise((resolve) => setTimeout(resolve, lab.size(10_000, 1000, 4000)));
    const cpu = ((cpuMsOf(side) - before) / (performance.now() - begin)) * 100;
    return { cpu, memory: pssMiBOf(side) };
  },
};
