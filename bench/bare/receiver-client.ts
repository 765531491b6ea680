import { freePort, reachable } from '../rig/port.ts';
import { StartedProcess } from '../rig/started-process.ts';

export type ReceiverQuestion = { expect: number } | { report: true } | { take: true };

/** For each message: its number, when it first arrived (see `now`), and how often. */
export type Arrivals = [n: number, at: number, times: number][];

/** The process that stands for all agents. */
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

  /** The callback URL of its n-th agent, which answers or never does. */
  url(n: number, behaviour: 'ok' | 'hang' = 'ok'): string {
    return `http://127.0.0.1:${this.port}/${behaviour}/${n}`;
  }

  /** Forgets what arrived; `complete` resolves once this many different messages have arrived, with the time
   * of the first (see `now`). */
  async expect(count: number): Promise<{ complete: Promise<unknown> }> {
    await this.#started.ask({ expect: count } satisfies ReceiverQuestion);
    const complete = this.#started.message();
    // When the receiver ends, nobody may await it any more.
    complete.catch(() => undefined);
    return { complete };
  }

  async arrivals(): Promise<Arrivals> {
    return (await this.#started.ask({ report: true } satisfies ReceiverQuestion)) as Arrivals;
  }

  /** Returns what has arrived since the last call, and forgets it. */
  async take(): Promise<Arrivals> {
    return (await this.#started.ask({ take: true } satisfies ReceiverQuestion)) as Arrivals;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started[Symbol.asyncDispose]();
  }
}
