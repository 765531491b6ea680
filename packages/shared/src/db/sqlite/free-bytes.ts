import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Free bytes where a file is. Does not open the file, so SQLite's locks stay (sqlite.org/howtocorrupt.html §2.2). */
export async function freeBytesAt(file: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}
