import type { StartedProcess } from './started-process.ts';

/** Runs `work`, and adds the processor time (µs) of each of its messages. */
export async function withCost<T extends { messages: number }>(
  processes: readonly StartedProcess[],
  work: () => Promise<T>,
): Promise<T & { cpuUs: number; cpuPercent: number }> {
  const cpuMs = () => processes.reduce((sum, started) => sum + started.cpuMs(), 0);
  const [begin, before] = [performance.now(), cpuMs()];
  const value = await work();
  const used = cpuMs() - before;
  return {
    ...value,
    cpuUs: (used / value.messages) * 1000,
    cpuPercent: (used / (performance.now() - begin)) * 100,
  };
}
