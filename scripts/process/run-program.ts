import { spawn } from 'node:child_process';
import { once } from 'node:events';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program with this process's input and output, and waits for its end; a signal that asks this process to stop
 * stops the program instead.
 * @returns whether it ended with exit code 0.
 */
export async function succeeds(program: string, programArguments: readonly string[]): Promise<boolean> {
  const child = spawn(program, programArguments, { stdio: 'inherit' });
  const stop = () => void child.kill('SIGTERM');
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  const [code] = await once(child, 'exit');
  for (const signal of STOP_SIGNALS) process.off(signal, stop);
  return code === 0;
}
