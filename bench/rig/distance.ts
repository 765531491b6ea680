import { connectTo } from '@mahilo/shared/test/postgres/databases';
import { median } from '../statistics.ts';
import { freePort, reachable } from './port.ts';
import { StartedProcess } from './started-process.ts';

const QUESTIONS = 100;

/** A server that is some time away, though it runs on this machine. */
export class Distance implements AsyncDisposable {
  readonly port: number;
  readonly #proxy: StartedProcess;

  private constructor(port: number, proxy: StartedProcess) {
    this.port = port;
    this.#proxy = proxy;
  }

  /** @param roundTripMs how long a question and its answer are under way, at least. */
  static async of(serverPort: number, roundTripMs: number): Promise<Distance> {
    const port = await freePort();
    const proxy = new StartedProcess({
      script: 'bench/rig/delay-proxy.ts',
      arguments: [String(port), String(serverPort), String(roundTripMs)],
    });
    await reachable(proxy, port);
    return new Distance(port, proxy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]();
  }
}

/** Median time (ms) of a question that costs the server nothing. */
export async function roundTripMs(databaseUrl: string): Promise<number> {
  const client = await connectTo(databaseUrl);
  const times: number[] = [];
  for (let n = 0; n < QUESTIONS; n++) {
    const begin = performance.now();
    await client.query('select 1');
    times.push(performance.now() - begin);
  }
  await client.end();
  return median(times);
}
