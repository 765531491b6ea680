import { startBareServer } from '../bare/bare-server.ts';
import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import type { StartedProcess } from '../rig/started-process.ts';
import { floodWith } from './accept.ts';

const AGENTS = 50;
const SLICE_SECONDS = 5;

export const idle: Case = {
  name: 'idle',
  about: 'Processor time with nothing to do, and memory after 100,000 messages.',
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  await using product = new Product(lab);
  await using bare = await startBareServer(lab);
  const api = await product.startApi();
  const pairs = await registerPairs(product, { senders: AGENTS, recipients: AGENTS }, (n) => receiver.url(n));
  const worker = product.startWorker();
  const messages = lab.size(100_000, 500);
  await sendAtLeast(lab, bare.port, pairs, messages);
  await sendAtLeast(lab, product.port, pairs, messages);
  lab.progress('idle: waiting for the last delivery');
  await product.database.settled(pairs.map(({ connectionId }) => connectionId));
  const seconds = lab.size(30, 2);
  lab.progress(`idle: doing nothing for ${seconds + lab.size(5, 0)} s`);
  await new Promise((resolve) => setTimeout(resolve, lab.size(5000, 0)));
  const [apiPercent, workerPercent] = await cpuPercent([api, worker], seconds);
  return [
    cpu('API', apiPercent),
    cpu('worker', workerPercent),
    memory('API', api.residentMiB(), bare.started.residentMiB()),
    memory('worker', worker.residentMiB(), bare.started.residentMiB()),
  ];
}

async function sendAtLeast(lab: Lab, port: number, pairs: readonly Pair[], messages: number): Promise<void> {
  let sent = 0;
  while (sent < messages) {
    sent += (await floodWith(port, pairs, lab.size(SLICE_SECONDS, 0.2))).accepted;
    lab.progress(`idle: sent ${sent} of ${messages}`);
  }
}

async function cpuPercent(processes: readonly StartedProcess[], seconds: number): Promise<number[]> {
  const before = processes.map((started) => started.cpuMs());
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return processes.map((started, n) => (started.cpuMs() - (before[n] ?? 0)) / (seconds * 10));
}

function cpu(name: string, percent = Number.NaN): Result {
  return {
    case: `idle, CPU of the ${name}`,
    unit: '% of a core',
    measured: percent,
    rounds: [percent],
    judgedAs: 'plain',
    target: { atMost: 1 },
  };
}

function memory(name: string, ours: number, bare: number): Result {
  return {
    case: `memory of the ${name}`,
    unit: 'MiB',
    measured: ours,
    baseline: { name: 'bare Fastify after as many requests', value: bare },
    rounds: [ours / bare],
    judgedAs: 'ratio',
    target: { atMost: 1.6 },
  };
}
