import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';

export interface Options {
  cases: readonly Case[];
  quick: boolean;
  json: string | undefined;
  chart: string | undefined;
  document: string | undefined;
  profiles: string | undefined;
  directory: string;
}

/** What was asked for cannot be done; the message is for people. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export function helpText(cases: readonly Case[]): string {
  const width = Math.max(...cases.map(({ name }) => name.length));
  return `Measures the product's real processes on a real database, as ratios to a bare pipeline in the same run.
The whole of it takes about twenty minutes; the machine should have nothing else to do.

Usage: npm run bench -- [options]

  --case NAMES     Only these, separated by commas.
  --quick          Small sizes, in seconds: a smoke test, whose figures mean nothing.
  --json FILE      Writes the results there.
  --chart FILE     Draws them there (SVG).
  --document FILE  Puts them between the marks of that Markdown file (docs/benchmarks.md).
  --profile DIR    The product's processes leave their CPU profiles there; this costs some speed.
  --directory DIR  Where the databases go, on a disk (default: the system's place for temporary files).
  --help           Shows this.

Cases:
${cases.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n')}
`;
}

/**
 * @returns undefined when help was asked for.
 * @throws UsageError
 */
export function readOptions(args: readonly string[], all: readonly Case[]): Options | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  return {
    cases: values.case === undefined ? all : chosen(values.case, all),
    quick: values.quick ?? false,
    json: values.json,
    chart: values.chart,
    document: values.document,
    profiles: values.profile,
    directory: values.directory ?? tmpdir(),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        case: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        chart: { type: 'string' },
        document: { type: 'string' },
        profile: { type: 'string' },
        directory: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function chosen(names: string, all: readonly Case[]): Case[] {
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name.trim());
    if (found) return found;
    throw new UsageError(`There is no case ${name}; there are ${all.map((one) => one.name).join(', ')}.`);
  });
}
