import { eventually } from './eventually.ts';

/** A part of the product that keeps what it logs. */
export abstract class Logging {
  /** As they were written. */
  readonly lines: string[];

  constructor(lines: string[] = []) {
    this.lines = lines;
  }

  /** The log line with this message, once it is written. */
  async logged(message: string | RegExp, timeoutMs?: number): Promise<Record<string, unknown>> {
    return eventually(() => {
      this.assertRunning();
      return this.log().find(({ msg }) =>
        typeof message === 'string' ? msg === message : message.test(String(msg)),
      );
    }, timeoutMs);
  }

  /** The lines it logged. */
  log(): Record<string, unknown>[] {
    return this.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** @throws Error when it has ended. */
  protected abstract assertRunning(): void;
}
