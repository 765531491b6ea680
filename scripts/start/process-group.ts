import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

const STOP_WITH_PARENT = new URL('../process/stop-with-parent.ts', import.meta.url).href;
/** Added to a signal's number, as shells do, where a signal ended a process. */
const SIGNAL_EXIT_CODE = 128;

export type Stream = 'stdout' | 'stderr';

export interface Listener {
  /** A member wrote a line. */
  line(member: string, line: string, stream: Stream): void;
  /** Something happened to the group that a person should know. */
  news(sentence: string): void;
}

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Node processes that live together: when one ends by itself, the others are stopped. Each is the leader of a process
 * group of its own, so that a terminal's Ctrl-C does not reach it beside the one SIGTERM that it gets from here.
 */
export class ProcessGroup {
  readonly #listener: Listener;
  readonly #stopDeadlineMs: number;
  readonly #members = new Map<string, ChildProcess>();
  readonly #endings: Promise<void>[] = [];
  #deadline: NodeJS.Timeout | undefined;
  #isStopping = false;
  #exitCode = 0;

  constructor(listener: Listener, stopDeadlineMs: number) {
    this.#listener = listener;
    this.#stopDeadlineMs = stopDeadlineMs;
  }

  start(member: string, script: string, environment: NodeJS.ProcessEnv): void {
    const child = spawn(process.execPath, ['--import', STOP_WITH_PARENT, script], {
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#members.set(member, child);
    this.#listen(member, child, 'stdout');
    this.#listen(member, child, 'stderr');
    this.#endings.push(this.#afterEnd(member, child));
  }

  /** Asks every member to end, and gives it until the deadline. Once is enough. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#deadline = setTimeout(() => {
      this.kill(`not ended within ${this.#stopDeadlineMs / 1000} s`);
    }, this.#stopDeadlineMs);
    for (const child of this.#members.values()) child.kill('SIGTERM');
  }

  /** Ends at once what has not ended yet. */
  kill(reason: string): void {
    this.#isStopping = true;
    for (const [member, child] of this.#members) {
      this.#listener.news(`${member} is killed: ${reason}.`);
      child.kill('SIGKILL');
    }
  }

  /**
   * Waits for the end of all members.
   * @returns the exit code for the whole: 0 if everything ended well and because it was asked to.
   */
  async ended(): Promise<number> {
    await Promise.all(this.#endings);
    clearTimeout(this.#deadline);
    return this.#exitCode;
  }

  #listen(member: string, child: ChildProcess, stream: Stream): void {
    const input = child[stream];
    if (input) createInterface(input).on('line', (line) => this.#listener.line(member, line, stream));
  }

  async #afterEnd(member: string, child: ChildProcess): Promise<void> {
    // `close` comes after the last of its output.
    const ending = await new Promise<Ending>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.#members.delete(member);
    if (this.#isStopping) {
      // SIGTERM ends a process that was not yet far enough to handle it.
      if (ending.signal !== 'SIGTERM') this.#exitCode ||= exitCodeOf(ending);
      return;
    }
    this.#listener.news(`${member} ${inWords(ending)}; stopping the rest.`);
    this.#exitCode = exitCodeOf(ending) || 1;
    this.stop();
  }
}

function inWords({ code, signal }: Ending): string {
  return signal ? `was ended by ${signal}` : `ended by itself with exit code ${code}`;
}

function exitCodeOf({ code, signal }: Ending): number {
  return signal ? SIGNAL_EXIT_CODE + constants.signals[signal] : (code ?? 1);
}
