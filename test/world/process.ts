import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compileCache, ROOT } from './compile-cache.ts';
import { Logging } from './logging.ts';

/** A test run that is cut short leaves no processes behind. */
const PRELOAD = new URL('preload.ts', import.meta.url).href;

export type Environment = Readonly<Record<string, string>>;

/** One of the product's processes, started as an operator would. It keeps what the process writes. */
export class ProductProcess extends Logging {
  readonly errors: string[] = [];
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(name: 'api' | 'worker', environment: Environment, root: string = ROOT) {
    super();
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

  protected override assertRunning(): void {
    if (this.child.exitCode !== null) throw new Error(`It ended: ${this.errors.join('\n')}`);
  }

  /** Makes it write what Node has compiled so far, for the next process. */
  keepCompiled(): void {
    this.child.send('keep compiled');
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended;
  }
}
