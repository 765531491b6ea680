import { type ChildProcess, spawn } from 'node:child_process';
import { passingCompileCache } from '../world/compile-cache.ts';
import { eventually } from '../world/eventually.ts';

/** So that a test run that is interrupted leaves nothing behind. */
const STOP_WITH_PARENT = new URL('../../scripts/process/stop-with-parent.ts', import.meta.url).href;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A started script, with what it and its children write kept. */
export class RunningScript implements AsyncDisposable {
  output = '';
  readonly child: ChildProcess;
  /** The script itself has ended. */
  readonly ended: Promise<Ending>;
  /** Nothing that it started holds its output any more. */
  readonly silent: Promise<void>;

  constructor(script: string, scriptArguments: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, ['--import', STOP_WITH_PARENT, script, ...scriptArguments], {
      env: { PATH: process.env['PATH'], ...passingCompileCache(), ...environment },
      // As a terminal does: Ctrl-C goes to a whole process group.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = new Promise((resolve) => this.child.on('exit', (code, signal) => resolve({ code, signal })));
    this.silent = new Promise((resolve) => this.child.on('close', () => resolve()));
  }

  /** Waits until it has written this. */
  async wrote(text: string): Promise<void> {
    await eventually(() => {
      if (!this.output.includes(text)) throw new Error(`"${text}" is not in its output:\n${this.output}`);
      return true;
    });
  }

  /** Sends a signal to it alone, or as a terminal does to its whole process group. */
  signal(signal: NodeJS.Signals, to: 'script' | 'group' = 'script'): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    process.kill(to === 'group' ? -pid : pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGTERM');
    await this.silent;
  }
}
