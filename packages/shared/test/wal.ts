import { readFileSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * How many transactions were committed since the WAL was last started anew (sqlite.org/fileformat2.html#walformat): the
 * last frame of each carries the size of the database. Reading the WAL drops no lock; those stand on the other files.
 */
export function commitsInWal(databaseFile: string): number {
  const wal = readFileSync(`${databaseFile}-wal`);
  if (wal.length === 0) return 0;
  const frameBytes = FRAME_HEADER_BYTES + wal.readUInt32BE(8);
  const salts = wal.subarray(16, 24);
  let commits = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= wal.length; at += frameBytes) {
    // Frames of before the WAL was started anew have other salts.
    const isCurrent = wal.subarray(at + 8, at + 16).equals(salts);
    if (isCurrent && wal.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}
