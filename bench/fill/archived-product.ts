import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs } from '../rig/people.ts';
import { Product, type Settings } from '../rig/product.ts';
import { fillArchive } from './archive.ts';
import { owe } from './owe.ts';

/** Nobody listens there. */
export const NOWHERE = 'http://127.0.0.1:9999/callback';

export interface ArchivedProduct {
  product: Product;
  /** The user who has all of the settled messages. */
  archivist: Pair;
  /** The id in the middle of them. */
  middle: string;
}

/** A product, its API running, whose file has so many settled messages, and so many that wait for one dead agent. */
export async function startArchivedProduct(
  lab: Lab,
  { settled, waiting }: { settled: number; waiting: number },
  settings: Settings = {},
): Promise<ArchivedProduct> {
  const product = new Product(lab, settings);
  try {
    const api = await product.startApi();
    const [archivist, dead] = await registerPairs(product, { senders: 2, recipients: 2 }, () => NOWHERE);
    if (archivist === undefined || dead === undefined) throw new Error('Nobody was registered.');
    await api[Symbol.asyncDispose]();
    lab.progress(`filling a file with ${settled} settled messages and ${waiting} that wait`);
    const middle = fillArchive(product.file, {
      between: archivist,
      settled,
      dead,
      waiting: Math.max(0, waiting - 1),
    });
    if (waiting > 0) await owe(product.file, [dead], 1);
    await product.startApi();
    return { product, archivist, middle };
  } catch (error) {
    await product[Symbol.asyncDispose]();
    throw error;
  }
}
