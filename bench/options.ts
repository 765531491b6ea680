import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';
import type { Row } from './peers/row.ts';
import { ROWS } from './peers/rows/all.ts';

export interface Options {
  task: Task;
  quick: boolean;
  brief: boolean;
  json: string | undefined;
  chart: string | undefined;
  documents: readonly string[];
  profiles: string | undefined;
  directory: string;
  messages: number;
}

/** What a run does. */
export type Task =
  | { kind: 'cases'; cases: readonly Case[] }
  | { kind: 'peers'; rows: readonly Row[]; rounds: number; minutes: number };

const ROUNDS = { full: 3, brief: 1, most: 50 } as const;
/** A little less than the half hour, or the six minutes, that are promised. */
const MINUTES = { full: 28, brief: 5.5 } as const;
const MOST_MESSAGES = 20_000_000;

/** What was asked for cannot be done; the message is for people. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export function helpText(cases: readonly Case[]): string {
  const listed = (items: readonly { name: string; about: string }[]) => {
    const width = Math.max(...items.map(({ name }) => name.length));
    return items.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n');
  };
  return `Measures the product's real processes on a real database, as ratios to a bare pipeline in the same run.
The whole of it takes about half an hour; the machine should have nothing else to do.

Usage: npm run bench -- [options]

  --case NAMES     Only these, separated by commas.
  --peers          Instead compares with BullMQ, graphile-worker, pg-boss and plainjob, side by side (half an hour).
  --rounds N       With --peers: how many rounds, as far as there is time (default: ${ROUNDS.full}).
  --brief          With --peers: one round of smaller sizes, in six minutes; the figures are rough.
  --messages N     Settled messages in the large files of flat and history (default: 1000000).
  --quick          Small sizes, in seconds: a smoke test, whose figures mean nothing.
  --json FILE      Writes the results there; with --peers after each round, and rows that are not measured stay.
  --chart FILE     Draws them there (SVG).
  --document FILE  Puts them between the marks of that Markdown file (docs/benchmarks.md, README.md); more than once.
  --profile DIR    The product's processes leave their CPU profiles there; this costs some speed.
  --directory DIR  Where the databases go, on a disk (default: the system's place for temporary files).
  --help           Shows this.

Cases:
${listed(cases)}

Cases with --peers:
${listed(ROWS)}
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
    task: taskOf(values, all),
    quick: values.quick ?? false,
    brief: values.brief ?? false,
    json: values.json,
    chart: values.chart,
    documents: values.document ?? [],
    profiles: values.profile,
    directory: values.directory ?? tmpdir(),
    messages: numberOf('messages', values.messages ?? '1000000', MOST_MESSAGES),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        case: { type: 'string' },
        peers: { type: 'boolean' },
        rounds: { type: 'string' },
        brief: { type: 'boolean' },
        messages: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        chart: { type: 'string' },
        document: { type: 'string', multiple: true },
        profile: { type: 'string' },
        directory: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function taskOf(values: ReturnType<typeof parsed>, all: readonly Case[]): Task {
  if (!values.peers) {
    if (values.brief || values.rounds !== undefined)
      throw new UsageError('--rounds and --brief go with --peers.');
    return { kind: 'cases', cases: chosen(values.case, all) };
  }
  const size = values.brief || values.quick ? 'brief' : 'full';
  return {
    kind: 'peers',
    rows: chosen(values.case, ROWS),
    rounds: numberOf('rounds', values.rounds ?? String(ROUNDS[size]), ROUNDS.most),
    minutes: MINUTES[size],
  };
}

function chosen<T extends { name: string }>(names: string | undefined, all: readonly T[]): readonly T[] {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name.trim());
    if (found) return found;
    throw new UsageError(`There is no case ${name}; there are ${all.map((one) => one.name).join(', ')}.`);
  });
}

function numberOf(name: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new UsageError(`--${name} is a whole number from 1 to ${most}, not ${text}.`);
}
