import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../world/eventually.ts';

/** What somebody has pasted into a terminal, in a directory of its own: it runs until it is disposed of. */
export class Pasted implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'mahilo-pasted-'));
  output = '';
  readonly #shell: ChildProcess;

  /** `curl` is how that program is set up for whoever pastes. */
  constructor(text: string, { curl = '' }: { curl?: string } = {}) {
    writeFileSync(join(this.directory, '.curlrc'), curl, { mode: 0o600 });
    // A group of its own: the shell waits for the program that it has started.
    this.#shell = spawn('sh', [], {
      cwd: this.directory,
      detached: true,
      env: { PATH: process.env['PATH'], HOME: this.directory },
    });
    const { stdin, stdout, stderr } = this.#shell;
    for (const stream of [stdout, stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk;
      });
    }
    stdin?.end(text);
  }

  /** Waits until it has printed something. */
  async prints(text: string): Promise<void> {
    await eventually(() => this.output.includes(text) || undefined).catch(() => {
      throw new Error(`It has not printed ${text}, but:\n${this.output}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#shell;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const ended = once(this.#shell, 'exit');
      process.kill(-pid, 'SIGKILL');
      await ended;
    }
    rmSync(this.directory, { recursive: true });
  }
}
