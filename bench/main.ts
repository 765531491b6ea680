import { CASES } from './cases.ts';
import { helpText, type Options, readOptions, UsageError } from './options.ts';
import { warmUp } from './rig/as-shipped.ts';
import { Lab } from './rig/lab.ts';
import { postgres, type Server } from './rig/servers.ts';
import { killAllStarted } from './rig/started-process.ts';
import { runCases } from './run/cases.ts';
import { runPeers } from './run/peers.ts';
import { runSoak } from './run/soak.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), CASES);
    if (options === undefined) {
      process.stdout.write(helpText(CASES));
      return 0;
    }
    return (await bench(options)) ? 0 : EXIT_FAILED;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${helpText(CASES)}`);
    return EXIT_USAGE;
  }
}

/** @returns whether all of it could be measured. */
async function bench(options: Options): Promise<boolean> {
  const begin = performance.now();
  const progress = (line: string) => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
  };
  using lab = new Lab({ ...options, progress });
  cleanUpWhenStopped(lab);
  warmUp(lab);
  await using server = options.database === 'postgres' ? await started(lab) : undefined;
  if (server !== undefined) lab.keepDatabasesOn(server);
  const { task } = options;
  if (task.kind === 'soak') return await runSoak(lab, task, options);
  if (task.kind === 'peers') return await runPeers(lab, task, options);
  return await runCases(lab, task.cases, options);
}

/** @throws UsageError where there is no PostgreSQL. */
async function started(lab: Lab): Promise<Server> {
  const start = postgres(lab);
  if (typeof start === 'string') throw new UsageError(start);
  return start();
}

function cleanUpWhenStopped(lab: Lab): void {
  process.on('exit', () => {
    killAllStarted();
    lab[Symbol.dispose]();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => process.exit(EXIT_FAILED));
}
