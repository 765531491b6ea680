import type { Result } from '../case.ts';
import { judge, numberText, targetText, valueText } from './judgement.ts';

const HEADINGS = ['case', 'measured', 'baseline', 'ratio', 'rounds', 'target', 'met?'] as const;
const MET = new Map<boolean | undefined, string>([
  [true, 'yes'],
  [false, 'NO'],
  [undefined, ''],
]);

/** The results as a table of text, and below it what the baselines are. */
export function tableOf(results: readonly Result[]): string {
  const rows = [HEADINGS, ...results.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return [...lines, '', ...notesOf(results)].join('\n');
}

function rowOf(result: Result): string[] {
  const { value, lowest, highest, met } = judge(result);
  return [
    result.case,
    `${numberText(result.measured)} ${result.unit}`,
    result.baseline ? numberText(result.baseline.value) : '–',
    valueText(result, value),
    result.rounds.length > 1 ? `${numberText(lowest)}…${numberText(highest)}` : '',
    targetText(result),
    MET.get(met) ?? '',
  ];
}

function notesOf(results: readonly Result[]): string[] {
  return results.flatMap(({ case: name, baseline, note }) => {
    const said = [baseline && `baseline: ${baseline.name}`, note].filter((part) => part !== undefined);
    return said.length > 0 ? [`${name}: ${said.join('. ')}`] : [];
  });
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(width - [...cell].length);
}
