import { readFileSync, writeFileSync } from 'node:fs';
import type { machine } from '../rig/machine.ts';

/** The part of a Markdown file that the benchmark writes. */
const SECTIONS = {
  figures: ['<!-- figures: written by `npm run bench -- --document` -->', '<!-- end of figures -->'],
  postgres: [
    '<!-- postgres: written by `npm run bench -- --database postgres --document` -->',
    '<!-- end of postgres -->',
  ],
  peers: ['<!-- peers: written by `npm run bench -- --peers --document` -->', '<!-- end of peers -->'],
} as const;

/**
 * Replaces the text between the marks of a Markdown file.
 * @throws Error when it has no such marks.
 */
export function writeSection(file: string, section: keyof typeof SECTIONS, content: string): void {
  const [begin, end] = SECTIONS[section];
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for this: ${begin} … ${end}`);
  writeFileSync(file, `${text.slice(0, from)}${begin}\n\n${content}\n\n${text.slice(to)}`);
}

/** Date and machine of a measurement. */
export function measuredOn(date: string, kind: ReturnType<typeof machine>): string {
  const { cores, processor, memory_gib: memory, node } = kind;
  return `${date.slice(0, 10)}, ${cores} cores (${processor}), ${memory} GiB, Node ${node}`;
}
