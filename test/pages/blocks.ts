import { textOf } from '../documents/markdown.ts';

/** A block of commands on a page, and the comment above it: which scenario runs it, or why none does. */
export interface CommandBlock {
  page: string;
  line: number;
  commands: string;
  /** The scenario that runs it; undefined when none does. */
  scenario?: string;
  /** Why nothing runs it. */
  excuse?: string;
}

const FENCE = /^(?<indent> *)```(?<language>\w*)\n(?<body>.*?)^\k<indent>```$/gms;
const COMMENT = /<!-- (?:run: (?<scenario>\w+)|not run: (?<excuse>.+)) -->\n$/;
/** Blocks of these languages, or of none, contain commands. */
const SHELL = ['', 'sh', 'bash', 'console'];

/** The blocks of commands on a page, in their order. */
export function commandBlocks(page: string): CommandBlock[] {
  const text = textOf(page);
  return [...text.matchAll(FENCE)]
    .filter(({ groups }) => SHELL.includes(groups?.['language'] ?? ''))
    .map((found) => {
      const { indent = '', body = '' } = found.groups ?? {};
      const above = text.slice(0, found.index);
      return {
        page,
        line: above.split('\n').length,
        commands: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
        ...COMMENT.exec(above)?.groups,
      };
    });
}

/** The blocks that a scenario runs, of some pages. */
export function blocksOf(scenario: string, ...pages: readonly string[]): CommandBlock[] {
  return pages.flatMap(commandBlocks).filter((block) => block.scenario === scenario);
}
