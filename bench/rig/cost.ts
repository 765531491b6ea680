import type { StartedProcess } from './started-process.ts';

/** Does `work` and adds what the processes used for each of its messages (µs). */
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
