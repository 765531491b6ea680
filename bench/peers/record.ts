import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Conditions } from '../rig/conditions.ts';
import { machine } from '../rig/machine.ts';
import type { Measured } from './row.ts';

/** What a row measured: by side, one entry for each round. */
export interface RowRecord {
  bySide: Record<string, Measured[]>;
  /** Of each round. */
  conditions: Conditions[];
}

/** A comparison, as far as it has come. */
export interface PeersRecord {
  date: string;
  machine: ReturnType<typeof machine>;
  /** Sizes for a smoke test: the figures mean nothing. */
  quick: boolean;
  /** What each side is. */
  sides: Record<string, string>;
  skipped: string[];
  rows: Record<string, RowRecord>;
}

/** A record to go on with: of the rows that the file has from this kind of machine, or a new one. */
export function openRecord(file: string | undefined, quick: boolean): PeersRecord {
  const fresh = {
    date: new Date().toISOString(),
    machine: machine(),
    quick,
    sides: {},
    skipped: [],
    rows: {},
  };
  if (file === undefined || !existsSync(file)) return fresh;
  const before = JSON.parse(readFileSync(file, 'utf8')) as PeersRecord;
  const isSame = before.quick === quick && JSON.stringify(before.machine) === JSON.stringify(fresh.machine);
  return isSame ? { ...fresh, sides: before.sides, rows: before.rows } : fresh;
}

/** Writes it so that a run that is stopped leaves the one or the other. */
export function saveRecord(file: string | undefined, record: PeersRecord): void {
  if (file === undefined) return;
  writeFileSync(`${file}.part`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}
