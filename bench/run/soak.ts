import { statSync, writeFileSync } from 'node:fs';
import { Receiver } from '../bare/receiver-client.ts';
import { throughApi } from '../load/callback-latency.ts';
import { SteadfastLoad } from '../load/steadfast.ts';
import type { Options } from '../options.ts';
import { ourSide } from '../peers/our-side.ts';
import { sustainedRow } from '../peers/rows/sustained.ts';
import { soakChart } from '../report/soak-chart.ts';
import { soakTable } from '../report/soak-table.ts';
import type { Lab } from '../rig/lab.ts';
import { machine } from '../rig/machine.ts';
import { type Pair, registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import type { StartedProcess } from '../rig/started-process.ts';
import type { Soak, SoakSample } from '../soak.ts';
import { percentile } from '../statistics.ts';

const SAMPLES_IN_ALL = 180;
const SAMPLE_AT_LEAST_S = 5;
/** Spread evenly over the soak; in turn they kill the worker and stop the API. */
const RESTARTS = 6;
const ARRIVE_WITHIN_MS = 60_000;
const MIB = 1024 * 1024;

/**
 * Accepts and delivers at one rate for a long time, with restarts, and writes the results.
 * @returns whether everything arrived.
 */
export async function runSoak(
  lab: Lab,
  { minutes, perSecond }: { minutes: number; perSecond: number | undefined },
  { json, chart }: Options,
): Promise<boolean> {
  await using receiver = await Receiver.start();
  const rate = perSecond ?? (await halfOfSustained(lab, receiver));
  await using product = new Product(lab, { WORKER_CONCURRENCY: '50' });
  const api = await product.startApi();
  const count = { senders: lab.agents, recipients: lab.agents };
  const pairs = await registerPairs(product, count, (n) => receiver.url(n));
  const processes = { api, worker: product.startWorker() };
  const soaking = new Soaking({ lab, receiver, product, processes, pairs, perSecond: rate });
  const soak = await soaking.run(lab.size(minutes * 60, 12));
  process.stdout.write(`\n${soakTable(soak)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(soak, null, 2)}\n`);
  if (chart !== undefined) writeFileSync(chart, soakChart(soak));
  return soak.lost === 0;
}

async function halfOfSustained(lab: Lab, receiver: Receiver): Promise<number> {
  lab.progress('looking for the highest rate that holds');
  await using side = await ourSide(lab, receiver).open();
  const { rate } = await sustainedRow.measure(side, { lab, receiver }, undefined);
  return Math.max(1, Math.round((rate ?? 0) / 2));
}

interface Parts {
  lab: Lab;
  receiver: Receiver;
  product: Product;
  processes: { api: StartedProcess; worker: StartedProcess };
  pairs: readonly Pair[];
  perSecond: number;
}

class Soaking {
  readonly #parts: Parts;
  readonly #sentAt = new Map<number, number>();
  readonly #samples: SoakSample[] = [];
  readonly #restarts: Soak['restarts'] = [];
  readonly #begin = performance.now();
  #repeated = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(seconds: number): Promise<Soak> {
    const { perSecond, pairs, product, receiver } = this.#parts;
    await receiver.take();
    const load = new SteadfastLoad({
      port: product.port,
      perSecond,
      request: throughApi(pairs),
      sent: (n, at) => void this.#sentAt.set(n, at),
    });
    const step = Math.max(SAMPLE_AT_LEAST_S, seconds / SAMPLES_IN_ALL);
    for (let at = step; at <= seconds; at += step) {
      await this.#until(at);
      load.assertHolds();
      await this.#sample();
      if (at > ((this.#restarts.length + 1) * seconds) / (RESTARTS + 1)) await this.#restart();
    }
    await load.stop();
    const deadline = performance.now() + ARRIVE_WITHIN_MS;
    while (this.#sentAt.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await this.#arrivals();
    }
    return {
      date: new Date().toISOString(),
      machine: machine(),
      perSecond,
      seconds,
      sent: load.sent,
      lost: this.#sentAt.size,
      repeated: this.#repeated,
      restarts: this.#restarts,
      samples: this.#samples,
    };
  }

  #seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  async #until(second: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (second - this.#seconds()) * 1000)));
  }

  /** Latencies (ms) of what has arrived since the last call. */
  async #arrivals(): Promise<number[]> {
    const arrivals = await this.#parts.receiver.take();
    return arrivals.flatMap(([n, at, times]) => {
      const sent = this.#sentAt.get(n);
      this.#sentAt.delete(n);
      this.#repeated += times - (sent === undefined ? 0 : 1);
      return sent === undefined ? [] : [at - sent];
    });
  }

  async #sample(): Promise<void> {
    const { processes, product, lab } = this.#parts;
    const times = await this.#arrivals();
    const sizeOf = (suffix: string) =>
      (statSync(`${product.database.url}${suffix}`, { throwIfNoEntry: false })?.size ?? 0) / MIB;
    const sample: SoakSample = {
      at: this.#seconds(),
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      owed: this.#sentAt.size,
      apiMiB: processes.api.residentMiB(),
      workerMiB: processes.worker.residentMiB(),
      walMiB: sizeOf('-wal'),
      fileMiB: sizeOf(''),
    };
    this.#samples.push(sample);
    lab.progress(
      `soak: p50 ${sample.p50.toFixed(1)} ms, p99 ${sample.p99.toFixed(1)} ms, ${sample.owed} on their way, ${sample.apiMiB.toFixed(0)} + ${sample.workerMiB.toFixed(0)} MiB, WAL ${sample.walMiB.toFixed(1)} MiB`,
    );
  }

  async #restart(): Promise<void> {
    const { processes, product, lab } = this.#parts;
    const isWorker = this.#restarts.length % 2 === 0;
    const what = isWorker ? 'worker killed' : 'API stopped';
    lab.progress(`soak: ${what} and started again`);
    this.#restarts.push({ at: this.#seconds(), what });
    if (isWorker) {
      await processes.worker.kill();
      processes.worker = product.startWorker();
    } else {
      await processes.api[Symbol.asyncDispose]();
      processes.api = await product.startApi();
    }
  }
}
