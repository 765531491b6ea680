import { HttpConnection } from '../rig/http-connection.ts';
import { now } from '../rig/now.ts';

const TICK_MS = 5;
const RETRY_AFTER_MS = 100;
/** With this many unanswered messages a side does not keep up. */
const MOST_OPEN = 20_000;

export interface SteadfastOptions {
  port: number;
  perSecond: number;
  request(n: number): string;
  /** When message `n` was first sent, on the clock of `now`. */
  sent(n: number, at: number): void;
}

/**
 * Sends at a steady rate, and repeats each message with its key until the registry accepts it, as clients do when it
 * restarts.
 */
export class SteadfastLoad {
  readonly #options: SteadfastOptions;
  readonly #idle: HttpConnection[] = [];
  readonly #open = new Set<Promise<void>>();
  readonly #begin = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #failure: Error | undefined;

  constructor(options: SteadfastOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS);
  }

  get sent(): number {
    return this.#sent;
  }

  /** @throws Error at an answer that is neither 2xx nor 503, and when messages pile up. */
  assertHolds(): void {
    if (this.#failure) throw this.#failure;
    if (this.#open.size > MOST_OPEN) throw new Error(`${this.#open.size} messages have no answer.`);
  }

  /** Stops sending new messages, and waits until all earlier ones are accepted. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    for (const connection of this.#idle) connection[Symbol.dispose]();
    this.assertHolds();
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#begin) / 1000) * this.#options.perSecond;
    while (this.#sent < due && this.#failure === undefined) {
      this.#sent += 1;
      const n = this.#sent;
      this.#options.sent(n, now());
      const sending = this.#untilAccepted(this.#options.request(n)).catch((error) => {
        this.#failure ??= error;
      });
      this.#open.add(sending);
      void sending.then(() => this.#open.delete(sending));
    }
  }

  async #untilAccepted(request: string): Promise<void> {
    while (this.#failure === undefined) {
      const answer = await this.#attempt(request);
      if (answer !== undefined && answer.status >= 200 && answer.status < 300) return;
      if (answer !== undefined && answer.status !== 503) throw new Error(`Refused:\n${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    }
  }

  /** Undefined when there was no answer. */
  async #attempt(request: string) {
    const connection =
      this.#idle.pop() ?? (await HttpConnection.open(this.#options.port).catch(() => undefined));
    try {
      const answer = await connection?.request(request);
      if (connection !== undefined) this.#idle.push(connection);
      return answer;
    } catch {
      connection?.[Symbol.dispose]();
      return undefined;
    }
  }
}
