import type { Receiver } from '../bare/receiver-client.ts';
import { owe } from '../fill/owe.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs, sendRequest } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import type { StartedProcess } from '../rig/started-process.ts';
import { read } from '../rig/stored.ts';
import { AGENTS, CONCURRENCY, HANGING, type OpenSide, type Side } from './side.ts';

/** This product with its defaults, except for limits that a benchmark has to exceed. */
export function ourSide(lab: Lab, receiver: Receiver): Side {
  return {
    name: 'ours',
    about: 'SQLite; a 200 means that the message is on the disk',
    async open(): Promise<OpenSide> {
      const product = new Product(lab, { WORKER_CONCURRENCY: String(CONCURRENCY) });
      try {
        const processes: StartedProcess[] = [await product.startApi()];
        const pairs = await registerPairs(product, { senders: AGENTS, recipients: AGENTS }, (n) =>
          receiver.url(n),
        );
        return {
          port: product.port,
          request: (n) => sendRequest(pairAt(pairs, n), n),
          async fill(count, behaviour) {
            await owe(
              product.database.url,
              behaviour === 'ok' ? pairs : await hanging(product, receiver),
              count,
            );
          },
          async startWorker() {
            processes.push(product.startWorker());
          },
          recorded: async () => recordedIn(product.database.url),
          processes: () => processes,
          [Symbol.asyncDispose]: () => product[Symbol.asyncDispose](),
        };
      } catch (error) {
        await product[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

function hanging(product: Product, receiver: Receiver): Promise<Pair[]> {
  return registerPairs(product, { senders: HANGING, recipients: HANGING }, (n) => receiver.url(n, 'hang'));
}

function pairAt(pairs: readonly Pair[], n: number): Pair {
  const pair = pairs[n % pairs.length];
  if (pair === undefined) throw new Error('There must be somebody who sends.');
  return pair;
}

function recordedIn(file: string): number {
  return read(file, (db) =>
    Number(db.prepare("select count(*) from delivery_attempts where outcome = 'delivered'").pluck().get()),
  );
}
