import { Receiver } from '../bare/receiver-client.ts';
import { underConditions } from '../rig/conditions.ts';
import type { Lab } from '../rig/lab.ts';
import { installPeers } from './packages.ts';
import { openRecord, type PeersRecord, type RowRecord, saveRecord } from './record.ts';
import type { Measured, Rig, Row } from './row.ts';
import type { Side } from './side.ts';
import { sidesOf } from './sides.ts';

export interface Comparison {
  rows: readonly Row[];
  rounds: number;
  /** Time limit of the whole comparison. */
  minutes: number;
  /** Each round writes its result here; a stopped run resumes from it. */
  json: string | undefined;
}

/**
 * Measures the rows on all sides, which take turns in each round. A row without time for another round has
 * fewer of them. A side that fails does not stop the others.
 */
export async function compare(lab: Lab, { rows, rounds, minutes, json }: Comparison): Promise<PeersRecord> {
  const begin = performance.now();
  const record = openRecord(json, lab.quick);
  lab.progress('installing the peers into a temporary folder');
  const packages = await installPeers(lab.directory);
  await using receiver = await Receiver.start();
  const { sides, skipped } = sidesOf(lab, receiver, packages);
  record.skipped = skipped;
  for (const reason of skipped) lab.progress(`skipped: ${reason}`);
  for (const { name, about } of sides) record.sides[name] = about;
  const shares = rows.reduce((sum, { share }) => sum + share, 0);
  let spent = 0;
  for (const row of rows) {
    spent += row.share;
    const endAt = begin + minutes * 60_000 * (spent / shares);
    const ofRow: RowRecord = { bySide: {}, conditions: [] };
    record.rows[row.name] = ofRow;
    await measureRow(row, sides, {
      rig: { lab, receiver },
      rounds,
      endAt,
      ofRow,
      save: () => saveRecord(json, record),
    });
  }
  return record;
}

interface RowRun {
  rig: Rig;
  rounds: number;
  /** On the clock of `performance`. */
  endAt: number;
  ofRow: RowRecord;
  save(): void;
}

async function measureRow(row: Row, sides: readonly Side[], run: RowRun): Promise<void> {
  const { rig, rounds, endAt, ofRow } = run;
  for (let n = 1; n <= rounds; n++) {
    const begin = performance.now();
    const { conditions } = await underConditions(rig.lab, async () => {
      for (const side of sides) await measureSide(row, side, run, n);
    });
    ofRow.conditions.push(conditions);
    run.save();
    const took = performance.now() - begin;
    if (n < rounds && performance.now() + took > endAt) {
      rig.lab.progress(`${row.name}: no time for more than ${n} of ${rounds} rounds`);
      return;
    }
  }
}

async function measureSide(row: Row, side: Side, { rig, ofRow }: RowRun, round: number): Promise<void> {
  const figures = ofRow.bySide[side.name] ?? [];
  ofRow.bySide[side.name] = figures;
  try {
    await using open = await side.open();
    const measured = await row.measure(open, rig, figures.at(-1));
    figures.push(measured);
    rig.lab.progress(`${row.name}: round ${round}: ${side.name}: ${textOf(measured)}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    rig.lab.progress(`${row.name}: round ${round}: ${side.name} could not be measured: ${reason}`);
  }
}

function textOf(measured: Measured): string {
  return Object.entries(measured)
    .map(([key, value]) => `${key} ${value === null ? 'none' : value.toPrecision(4)}`)
    .join(', ');
}
