import { freePort, reachable } from '../rig/port.ts';
import { StartedProcess } from '../rig/started-process.ts';

export type ReceiverQuestion = { expect: number } | { report: true } | { take: true };

/** For each message: its number, when it first came (see `now`), and how often it came. */
export type Arrivals = [n: number, at: number, times: number][];

/** The process that plays the agents. */
export class Receiver implements AsyncDisposable {
  readonly port: number;
  readonly #started: StartedProcess;

  private constructor(port: number, started: StartedProcess) {
    this.port = port;
    this.#started = started;
  }

  static async start(): Promise<Receiver> {
    const port = await freePort();
    const started = new StartedProcess({
      script: 'bench/bare/receiver.ts',
      arguments: [String(port)],
      ipc: true,
    });
    await reachable(started, port);
    return new Receiver(port, started);
  }

  /** The callback URL of its n-th agent: one that answers, or one that never does. */
  url(n: number, behaviour: 'ok' | 'hang' = 'ok'): string {
    return `http://127.0.0.1:${this.port}/${behaviour}/${n}`;
  }

  /** Forgets what came; `complete` resolves when so many different messages have come, with the time
   * of the first (see `now`). */
  async expect(count: number): Promise<{ complete: Promise<unknown> }> {
    await this.#started.ask({ expect: count } satisfies ReceiverQuestion);
    const complete = this.#started.message();
    // Nobody may be waiting for it any more when the receiver ends.
    complete.catch(() => undefined);
    return { complete };
  }

  async arrivals(): Promise<Arrivals> {
    return (await this.#started.ask({ report: true } satisfies ReceiverQuestion)) as Arrivals;
  }

  /** What came since it was last asked, and forgets it. */
  async take(): Promise<Arrivals> {
    return (await this.#started.ask({ take: true } satisfies ReceiverQuestion)) as Arrivals;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started[Symbol.asyncDispose]();
  }
}
