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
  /** Where the product and the bare pipelines keep their databases. */
  database: 'sqlite' | 'postgres';
  messages: number | undefined;
  agents: number;
}

/** What a run does. */
export type Task =
  | { kind: 'cases'; cases: readonly Case[] }
  | { kind: 'peers'; rows: readonly Row[]; rounds: number; minutes: number }
  | { kind: 'soak'; minutes: number; perSecond: number | undefined };

const ROUNDS = { full: 3, brief: 1, most: 50 } as const;
/** A little less than the promised half hour, or six minutes. */
const MINUTES = { full: 28, brief: 5.5 } as const;
const MOST_MESSAGES = 20_000_000;
const AGENTS = 50;
const MOST_AGENTS = 10_000;
const MOST_SOAK_MINUTES = 24 * 60;
const MOST_PER_SECOND = 20_000;

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
  --soak MINUTES   Instead delivers at half of the sustained rate for so long, with restarts; draws memory, log and latency.
  --rate N         With --soak: so many messages a second (default: half of what holds in a search before).
  --messages N     Settled messages in the large files of flat, history and large (default: 1000000); in the file of
                   workers, too, if given.
  --agents N       Agents in the large files, and in those beside them (default: ${AGENTS}).
  --database KIND  sqlite, or postgres: product and bare pipelines keep their databases on a PostgreSQL server with Debian's
                   settings, which is started for this.
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
    database: databaseOf(values),
    messages:
      values.messages === undefined ? undefined : numberOf('messages', values.messages, MOST_MESSAGES),
    agents: numberOf('agents', values.agents ?? String(AGENTS), MOST_AGENTS),
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
        soak: { type: 'string' },
        rate: { type: 'string' },
        messages: { type: 'string' },
        agents: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        chart: { type: 'string' },
        document: { type: 'string', multiple: true },
        profile: { type: 'string' },
        directory: { type: 'string' },
        database: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function databaseOf({ database = 'sqlite', ...others }: ReturnType<typeof parsed>): Options['database'] {
  if (database === 'sqlite') return database;
  if (database !== 'postgres') throw new UsageError(`--database is sqlite or postgres, not ${database}.`);
  if (others.peers || others.soak !== undefined || others.messages !== undefined)
    throw new UsageError('--database postgres goes with --case only.');
  return database;
}

function taskOf(values: ReturnType<typeof parsed>, all: readonly Case[]): Task {
  if (values.soak !== undefined) return soakOf(values.soak, values);
  if (values.rate !== undefined) throw new UsageError('--rate goes with --soak.');
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

function soakOf(minutes: string, { rate, ...others }: ReturnType<typeof parsed>): Task {
  if (others.peers || others.case !== undefined)
    throw new UsageError('--soak is a run of its own, without --case or --peers.');
  return {
    kind: 'soak',
    minutes: numberOf('soak', minutes, MOST_SOAK_MINUTES),
    perSecond: rate === undefined ? undefined : numberOf('rate', rate, MOST_PER_SECOND),
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
