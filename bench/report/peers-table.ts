import type { PeersRecord, RowRecord } from '../peers/record.ts';
import type { Figure, Row } from '../peers/row.ts';
import { ROWS } from '../peers/rows/all.ts';
import { median, percentile } from '../statistics.ts';
import { numberText } from './judgement.ts';
import { markdownTable } from './markdown.ts';

/** The figure of one side: the median of its rounds, or why there is none. */
export interface Cell {
  value: number | undefined;
  lowest: number;
  highest: number;
  /** Rounds in which too little arrived to tell. */
  silent: number;
  rounds: number;
}

export interface FigureLine {
  figure: Figure;
  row: RowRecord;
  cells: ReadonlyMap<string, Cell>;
}

/** All figures that were measured, in the table's order. */
export function figureLines(record: PeersRecord): FigureLine[] {
  return ROWS.flatMap((row) => linesOf(record, row));
}

function linesOf(record: PeersRecord, { name, figures }: Row): FigureLine[] {
  const row = record.rows[name];
  if (row === undefined) return [];
  return figures.map((figure) => ({
    figure,
    row,
    cells: new Map(Object.keys(record.sides).map((side) => [side, cellOf(row, side, figure.key)])),
  }));
}

function cellOf({ bySide }: RowRecord, side: string, key: string): Cell {
  const all = (bySide[side] ?? []).map((measured) => measured[key] ?? null);
  const values = all.filter((value) => value !== null);
  const silent = all.length - values.length;
  return {
    // A side whose messages fail to arrive in most rounds has no figure.
    value: values.length > silent ? median(values) : undefined,
    lowest: Math.min(...values),
    highest: Math.max(...values),
    silent,
    rounds: all.length,
  };
}

/** The best value of a line. Undefined when no side has a figure. */
export function bestOf({ figure, cells }: FigureLine): string | undefined {
  const sign = figure.better === 'more' ? -1 : 1;
  const measured = [...cells].flatMap(([side, { value }]) => (value === undefined ? [] : [{ side, value }]));
  return measured.toSorted((one, other) => sign * (one.value - other.value))[0]?.side;
}

/** The comparison as a table of Markdown; the best of each row is bold. */
export function peersTable(record: PeersRecord): string {
  const sides = Object.keys(record.sides);
  const rows = figureLines(record).map((line) => {
    const best = bestOf(line);
    return [
      `${line.figure.label}, ${line.figure.unit}`,
      ...sides.map((side) => cellText(line.cells.get(side), side === best)),
      ...conditionsText(line.row),
    ];
  });
  const headings = ['', ...sides, 'fsync p50 / p99, ms', 'others, % of a core'];
  const notes = [
    ...Object.entries(record.sides).map(([side, about]) => `- **${side}**: ${about}.`),
    ...record.skipped.map((reason) => `- Not measured: ${reason}`),
  ];
  return [...markdownTable(headings, rows), '', ...notes].join('\n');
}

function cellText(cell: Cell | undefined, isBest: boolean): string {
  if (cell === undefined || cell.rounds === 0) return '–';
  if (cell.value === undefined) return 'too few arrive';
  const value = isBest ? `**${numberText(cell.value)}**` : numberText(cell.value);
  if (cell.rounds === 1) return value;
  return `${value} (${numberText(cell.lowest)}…${numberText(cell.highest)})`;
}

function conditionsText({ conditions }: RowRecord): string[] {
  if (conditions.length === 0) return ['–', '–'];
  const of = (key: 'fsyncP50' | 'fsyncP99' | 'foreignPercent') =>
    numberText(median(conditions.map((one) => one[key])));
  const others = percentile(
    conditions.map(({ foreignPercent }) => foreignPercent),
    1,
  );
  return [`${of('fsyncP50')} / ${of('fsyncP99')}`, `${of('foreignPercent')}, at most ${numberText(others)}`];
}
