import { readFileSync, writeFileSync } from 'node:fs';
import type { Result } from '../case.ts';
import { machine } from './machine.ts';
import { markdownTableOf } from './table.ts';

const BEGIN = '<!-- figures: written by `npm run bench -- --document` -->';
const END = '<!-- end of figures -->';

/**
 * Puts the figures, their date and the kind of machine between the marks of a Markdown file.
 * @throws Error when it has no such marks.
 */
export function writeFigures(file: string, results: readonly Result[]): void {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for figures: ${BEGIN} … ${END}`);
  const { cores, processor, memory_gib: memory, node } = machine();
  const day = new Date().toISOString().slice(0, 10);
  const kind = `${day}, ${cores} cores (${processor}), ${memory} GiB, Node ${node}:`;
  writeFileSync(
    file,
    `${text.slice(0, begin)}${BEGIN}\n\n${kind}\n\n${markdownTableOf(results)}\n\n${text.slice(end)}`,
  );
}
