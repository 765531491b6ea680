import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program with this process's input and output, and waits for its end; a signal that asks this process to stop
 * stops the program instead.
 * @returns whether it ended with exit code 0.
 */
export function succeeds(program: string, programArguments: readonly string[]): Promise<boolean> {
  return endOf(spawn(program, programArguments, { stdio: 'inherit' }));
}

/** Like {@link succeeds}, for a program that runs beside others: what it writes is shown once it has ended. */
export async function succeedsBeside(program: string, programArguments: readonly string[]): Promise<boolean> {
  const child = spawn(program, programArguments, { stdio: ['inherit', 'pipe', 'pipe'] });
  const ended = endOf(child);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return ended;
}

/** Has a signal that asks this process to stop do this instead, until it is disposed of. */
export function onStop(stop: () => void): Disposable {
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of STOP_SIGNALS) process.off(signal, stop);
    },
  };
}

async function endOf(child: ChildProcess): Promise<boolean> {
  using _stopped = onStop(() => void child.kill('SIGTERM'));
  const [code] = await once(child, 'exit');
  return code === 0;
}
