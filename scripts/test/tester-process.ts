import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onStop } from '../process/run-program.ts';
import type { FileResult } from './file-reporter.ts';

/** A test that has not ended by then hangs. */
const TEST_TIMEOUT_MS = 300_000;
/** Loading what they import costs more than most files; but a process that has run many of them is large. */
const FILES_PER_PROCESS = 60;
const TESTER = [`--test-timeout=${TEST_TIMEOUT_MS}`, 'scripts/test/tester.ts'];

/** The arguments with which Node runs one test file and prints its results. */
export const testing = (file: string): string[] => ['--test-reporter=spec', ...TESTER, file];

/** Runs test files one after the other, many of them in one process. It starts with the first one. */
export class Tester implements AsyncDisposable {
  #child: ChildProcess | undefined;
  #files = 0;
  #written = '';

  /** Runs the tests of a file, and shows what they wrote and how they ended. @returns whether they passed. */
  async passes(file: string): Promise<boolean> {
    if (this.#files === FILES_PER_PROCESS) await this[Symbol.asyncDispose]();
    if (!this.#child?.connected) this.#child = this.#start();
    const child = this.#child;
    this.#files += 1;
    using _stopped = onStop(() => void child.kill('SIGTERM'));
    child.send(file);
    const { passed, report } = await resultOf(child, file);
    process.stdout.write(`${this.#written}${report}`);
    this.#written = '';
    return passed;
  }

  #start(): ChildProcess {
    this.#files = 0;
    const nodeArguments = ['--test-reporter=./scripts/test/file-reporter.ts', ...TESTER];
    const child = spawn(process.execPath, nodeArguments, { stdio: ['inherit', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#written += text;
      });
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child?.connected) return;
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }
}

function resultOf(child: ChildProcess, file: string): Promise<FileResult> {
  const { promise, resolve } = Promise.withResolvers<FileResult>();
  const onMessage = (message: unknown) => {
    if (isResult(message) && message.file === file) resolve(message);
  };
  const onExit = () => {
    resolve({ file, passed: false, report: `✖ ${file}: the process of the tests ended.\n` });
  };
  child.on('message', onMessage).on('exit', onExit);
  return promise.finally(() => child.off('message', onMessage).off('exit', onExit));
}

function isResult(message: unknown): message is FileResult {
  return typeof message === 'object' && message !== null && 'report' in message && 'file' in message;
}
