import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a file of the repository. */
export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The text below a heading, up to the next heading of its level. */
export function section(markdown: string, heading: string): string {
  const [, after] = markdown.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`There is no heading "${heading}".`);
  const level = heading.split(' ', 1)[0] ?? '#';
  return after.split(`\n${level} `, 1)[0] ?? '';
}

/** The fenced code blocks of a language. */
export function codeBlocks(markdown: string, language: string): string[] {
  return markdown
    .split(/^```/m)
    .filter((_part, i) => i % 2 === 1)
    .filter((block) => block.startsWith(`${language}\n`))
    .map((block) => block.slice(language.length + 1));
}

/** The code block that is the file of this name: its first line says so. */
export function fileIn(markdown: string, name: string): string {
  const code = codeBlocks(markdown, 'js').find((block) => block.startsWith(`// ${name}\n`));
  if (code === undefined) throw new Error(`There is no ${name}.`);
  return code;
}

/** A document without its fenced code. */
export function prose(markdown: string): string {
  return markdown
    .split(/^```/m)
    .filter((_part, i) => i % 2 === 0)
    .join('');
}
