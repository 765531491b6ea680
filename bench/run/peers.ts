import { writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { Options } from '../options.ts';
import { type Comparison, compare } from '../peers/compare.ts';
import type { PeersRecord } from '../peers/record.ts';
import { measuredOn, writeSection } from '../report/document.ts';
import { peersChart } from '../report/peers-chart.ts';
import { peersTable } from '../report/peers-table.ts';
import type { Lab } from '../rig/lab.ts';

/**
 * Compares with the peers, and writes the results.
 * @returns whether each side that can run here has a figure in each row.
 */
export async function runPeers(
  lab: Lab,
  task: Omit<Comparison, 'json'>,
  { json, chart, documents }: Options,
): Promise<boolean> {
  const record = await compare(lab, { ...task, json });
  const table = peersTable(record);
  process.stdout.write(`\n${table}\n`);
  if (lab.quick) process.stdout.write('\nThese sizes are for a smoke test: the figures mean nothing.\n');
  if (chart !== undefined) writeFileSync(chart, peersChart(record));
  const on = measuredOn(record.date, record.machine);
  for (const file of documents) {
    const picture =
      chart === undefined ? [] : [`![This product beside its peers](${relative(dirname(file), chart)})`];
    writeSection(
      file,
      'peers',
      [...picture, `${on}; medians of ${roundsOf(record)} rounds:`, table].join('\n\n'),
    );
  }
  return isComplete(record);
}

function roundsOf({ rows }: PeersRecord): string {
  const counts = Object.values(rows).map(({ conditions }) => conditions.length);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return fewest === most ? String(most) : `${fewest} to ${most}`;
}

function isComplete({ rows, sides }: PeersRecord): boolean {
  return Object.values(rows).every(({ bySide }) =>
    Object.keys(sides).every((side) => (bySide[side] ?? []).length > 0),
  );
}
