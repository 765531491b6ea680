import { createHash } from 'node:crypto';
import type { Row } from './tables.ts';

/** How many rows a table has, and a checksum over all that is in them, in their order. */
export interface Sum {
  rows: number;
  sha256: string;
}

/** Sums up rows as they come; the order of their columns does not count. */
export class Digest {
  readonly #hash = createHash('sha256');
  #columns: readonly string[] | undefined;
  #rows = 0;

  add(row: Row): void {
    this.#columns ??= Object.keys(row).toSorted();
    this.#hash.update(JSON.stringify(this.#columns.map((column) => plain(row[column]))));
    this.#rows += 1;
  }

  get rows(): number {
    return this.#rows;
  }

  /** To be called once, at the end. */
  sum(): Sum {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') };
  }
}

/** Bytes of a database are a Buffer here, and a Uint8Array there. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? { hex: Buffer.from(value).toString('hex') } : value;
}
