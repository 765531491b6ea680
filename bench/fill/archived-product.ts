import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs } from '../rig/people.ts';
import { Product, type Settings } from '../rig/product.ts';
import { fillArchive } from './archive.ts';
import { owe } from './owe.ts';

/** Nobody listens there. */
export const NOWHERE = 'http://127.0.0.1:9999/callback';

export interface ArchivedProduct {
  product: Product;
  /** Who has the settled messages. */
  agents: readonly Pair[];
  /** The id of the middle one. */
  middle: string;
}

export interface Archived {
  settled: number;
  /** How many wait for one agent that is gone. */
  waiting: number;
  /** How many agents have the settled messages, each with somebody who writes to it. */
  agents: number;
  /** The callback URL of these agents; by default nobody listens there. */
  url?: (agent: number) => string;
}

/** A product with a running API, settled messages, and messages that wait for one dead agent. */
export async function startArchivedProduct(
  lab: Lab,
  { settled, waiting, agents, url = () => NOWHERE }: Archived,
  settings: Settings = {},
): Promise<ArchivedProduct> {
  const product = new Product(lab, settings);
  try {
    const api = await product.startApi();
    const pairs = await registerPairs(product, { senders: agents, recipients: agents }, url);
    const [dead] = await registerPairs(product, { senders: 1, recipients: 1 }, () => NOWHERE);
    if (dead === undefined) throw new Error('Nobody was registered.');
    await api[Symbol.asyncDispose]();
    lab.progress(
      `filling a file with ${settled} settled messages of ${agents} agents, and ${waiting} that wait`,
    );
    const middle = fillArchive(product.database.url, {
      between: pairs,
      settled,
      dead,
      waiting: Math.max(0, waiting - 1),
    });
    if (waiting > 0) await owe(product.database.url, [dead], 1);
    await product.startApi();
    return { product, agents: pairs, middle };
  } catch (error) {
    await product[Symbol.asyncDispose]();
    throw error;
  }
}
