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
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return [...lines, '', ...notesOf(results)].join('\n');
}

/** The same as a table of Markdown. */
export function markdownTableOf(results: readonly Result[]): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...results.map(rowOf)];
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  return [...lines, '', ...notesOf(results).map((note) => `- ${note}`)].join('\n');
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

/** What each baseline is, and the remarks; once for the results that share them. */
function notesOf(results: readonly Result[]): string[] {
  const said = results.flatMap(({ case: name, baseline, note }) => [
    ...(baseline ? [{ name, text: `baseline is ${baseline.name}` }] : []),
    ...(note === undefined ? [] : [{ name, text: note }]),
  ]);
  const byText = Map.groupBy(said, ({ text }) => text);
  return [...byText].map(([text, by]) => `${by.map(({ name }) => name).join('; ')}: ${text}`);
}
