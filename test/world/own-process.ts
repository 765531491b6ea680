import { Readable, Writable } from 'node:stream';
import { format } from 'node:util';
import type { Environment } from './process.ts';

/** A program, and what it finds when it looks at its process. */
interface Program {
  argv: readonly string[];
  environment: Environment;
  stdin?: string;
  /** @returns the exit code. */
  main(): Promise<number>;
}

export interface Ending {
  code: number;
  stdout: string;
  stderr: string;
}

const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a program in this process, which takes a hundredth of the time of one of its own: with the arguments, the
 * environment, the input and the output that it would have there. One at a time, since a process has only one of each.
 */
export function runAsOwnProcess(program: Program): Promise<Ending> {
  const run = last.then(() => runAlone(program));
  last = run.catch(() => undefined);
  return run;
}

async function runAlone({ argv, environment, stdin = '', main }: Program): Promise<Ending> {
  const ending: Ending = { code: 0, stdout: '', stderr: '' };
  let hasEnded = false;
  const keep = (name: 'stdout' | 'stderr') => (text: string) => {
    if (!hasEnded) ending[name] += text;
  };
  const { env, exit } = process;
  const { log, error } = console;
  const streams = STREAMS.map((name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const);
  const { argv: ownArgv } = process;
  process.env = { ...environment };
  process.argv = [process.execPath, ...argv];
  process.exit = (code = 0) => {
    if (!hasEnded) ending.code = Number(code);
    hasEnded = true;
    throw new Error('The program has ended.');
  };
  replaceStreams({
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout: writing(keep('stdout')),
    stderr: writing(keep('stderr')),
  });
  console.log = (...message: unknown[]) => keep('stdout')(`${format(...message)}\n`);
  console.error = (...message: unknown[]) => keep('stderr')(`${format(...message)}\n`);
  try {
    const code = await main();
    if (!hasEnded) ending.code = code;
  } finally {
    Object.assign(process, { env, argv: ownArgv, exit });
    Object.assign(console, { log, error });
    for (const [name, descriptor] of streams)
      if (descriptor) Object.defineProperty(process, name, descriptor);
  }
  return ending;
}

function writing(keep: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      keep(String(chunk));
      done();
    },
  });
}

/** Node makes each of them at its first use, so they are no plain properties. */
function replaceStreams(streams: Readonly<Record<(typeof STREAMS)[number], Readable | Writable>>): void {
  for (const name of STREAMS)
    Object.defineProperty(process, name, { value: streams[name], configurable: true, enumerable: true });
}
