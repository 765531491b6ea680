import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compileCache, ROOT } from './compile-cache.ts';
import { eventually } from './eventually.ts';

/** A test run that is cut short leaves no processes behind. */
const PRELOAD = new URL('preload.ts', import.meta.url).href;

export type Environment = Readonly<Record<string, string>>;

/** One of the product's processes, started as an operator would. It keeps what the process writes. */
export class ProductProcess {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(name: 'api' | 'worker', environment: Environment, root: string = ROOT) {
    this.child = spawn(process.execPath, ['--import', PRELOAD, `packages/${name}/src/main.ts`], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...compileCache(root), ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { stdout, stderr } = this.child;
    if (stdout) createInterface(stdout).on('line', (line) => this.lines.push(line));
    if (stderr) createInterface(stderr).on('line', (line) => this.errors.push(line));
    this.ended = once(this.child, 'close').then(([code, signal]) => signal ?? code);
  }

  /** The log line with this message, once it is written. */
  async logged(message: string | RegExp, timeoutMs?: number): Promise<Record<string, unknown>> {
    return eventually(() => {
      if (this.child.exitCode !== null) throw new Error(`It ended: ${this.errors.join('\n')}`);
      return this.log().find(({ msg }) =>
        typeof message === 'string' ? msg === message : message.test(String(msg)),
      );
    }, timeoutMs);
  }

  /** Makes it write what Node has compiled so far, for the next process. */
  keepCompiled(): void {
    this.child.send('keep compiled');
  }

  /** The lines it logged. */
  log(): Record<string, unknown>[] {
    return this.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended;
  }
}
