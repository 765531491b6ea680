/** The lines of a table of Markdown. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [headings, headings.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}
