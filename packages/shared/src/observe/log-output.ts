import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import { block } from '../block.ts';
import { isoTime, systemClock } from '../clock.ts';

/** Under load one system call writes many lines. A line waits no longer than this (ms). */
const TOGETHER_BYTES = 4096;
const FLUSH_EVERY_MS = 100;
/** Bytes kept for a reader that has stalled. Lines beyond it are lost. */
const MAX_WAITING_BYTES = 1_048_576;
/** How long (ms) the end of a process waits for a reader, and how often it retries. */
const END_WAIT_MS = 500;
const END_RETRY_MS = 5;

/**
 * Where the log goes: standard output. When lines cannot be written (full disk, reader stalled, terminal gone), they
 * are lost, and nothing else happens: it does not throw, does not wait, keeps a bounded number of bytes, and lets the
 * process end. Only SIGKILL loses what still waits here.
 */
export class LogOutput {
  #descriptor: number | undefined;
  /** What to write next; a part of it may be written already. */
  #rest: Buffer = Buffer.alloc(0);
  #waiting: string[] = [];
  #waitingLength = 0;
  #sinceFlush = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Only the beginning of the last line came out. */
  #isTorn = false;
  #lost = 0;
  #lostUntold = 0;

  readonly #onGone: () => void;

  /** `onGone` is called when nobody can read any more: the other end of a pipe, or the terminal, is gone. */
  constructor(onGone: () => void = () => undefined) {
    this.#onGone = onGone;
    process.on('exit', () => this.#end());
  }

  /** Lines lost since the process began. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes one line from pino. */
  write(line: string): void {
    if (this.#rest.length + this.#waitingLength + line.length > MAX_WAITING_BYTES) this.#lose(1);
    else {
      this.#waiting.push(line);
      this.#waitingLength += line.length;
    }
    this.#sinceFlush += line.length;
    if (this.#sinceFlush >= TOGETHER_BYTES) this.#flush();
    this.#flushLater();
  }

  #flushLater(): void {
    if (this.#rest.length + this.#waitingLength === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
      this.#flushLater();
    }, FLUSH_EVERY_MS).unref();
  }

  /** Writes as much as possible now. */
  #flush(): void {
    this.#sinceFlush = 0;
    this.#descriptor ??= neverWaiting(1);
    while (this.#takeNext()) {
      try {
        const written = writeSync(this.#descriptor, this.#rest);
        this.#rest = this.#rest.subarray(written);
        this.#isTorn = this.#rest.length > 0;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return;
        if (code === 'EPIPE' || code === 'EIO') this.#onGone();
        this.#lose(this.#rest.toString().split('\n').length - 1);
        this.#rest = Buffer.alloc(0);
        // A retry at once would find no more room.
        return;
      }
    }
  }

  #takeNext(): boolean {
    if (this.#rest.length > 0) return true;
    if (this.#waiting.length === 0) return false;
    const told = this.#lostUntold === 0 ? '' : lossLine(this.#lostUntold);
    this.#lostUntold = 0;
    this.#rest = Buffer.from((this.#isTorn ? '\n' : '') + told + this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingLength = 0;
    return true;
  }

  #lose(lines: number): void {
    this.#lost += lines;
    this.#lostUntold += lines;
  }

  #end(): void {
    const deadline = systemClock.monotonicMs() + END_WAIT_MS;
    for (;;) {
      this.#flush();
      if (this.#rest.length + this.#waitingLength === 0 || systemClock.monotonicMs() >= deadline) return;
      block(END_RETRY_MS);
    }
  }
}

/** A line as pino writes it, at the level of a warning. */
function lossLine(lost: number): string {
  const time = isoTime(systemClock.now());
  return `${JSON.stringify({ level: 40, time, lost, msg: 'Log lines before this one could not be written' })}\n`;
}

/**
 * The same output in a form that never makes its writer wait, as a pipe, a socket or a terminal (Ctrl-S) otherwise
 * would.
 */
function neverWaiting(descriptor: number): number {
  const kind = fstatSync(descriptor);
  try {
    if (kind.isFIFO() || kind.isSocket()) {
      // Node makes what it opens so non-blocking, as it does with process.stdout. There is no other way to ask for
      // it.
      new Socket({ fd: descriptor, readable: false, writable: true }).unref();
    } else if (isatty(descriptor)) {
      return openSync(
        `/proc/self/fd/${descriptor}`,
        constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_APPEND,
      );
    }
  } catch {
    // Then it waits.
  }
  return descriptor;
}
