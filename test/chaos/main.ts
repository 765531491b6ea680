import { parseArgs } from 'node:util';
import type { PostgresServer, Replica } from '@mahilo/shared/test/postgres/server';
import { HOSTILE, runHostileProfile, WITHOUT_BOUNDS } from './hostile/profile.ts';
import { CONTROLS, makeMutant } from './mutants.ts';
import { PROFILES, type Profile } from './profiles.ts';
import { runChaos } from './run.ts';
import type { Verdict } from './verdict.ts';

const HELP = `npm run chaos -- [options]

Runs the registry's real processes among failing agents while they are killed, frozen and starved, and
checks that no accepted message is lost. Exit code 0: every property holds.

  --profile NAME   ${Object.keys(PROFILES).join(' or ')} (default short), or ${HOSTILE}: honest people among users
                   who try to stop the registry for them; needs root, for a network namespace of its own
  --seed N         repeats the choices of an earlier run (default: a new one, printed)
  --control NAME   a positive control: runs a copy of the product with one promise taken out, and succeeds
                   only if the harness finds it guilty: ${Object.keys(CONTROLS).join(', ')};
                   of the profile ${HOSTILE}: ${WITHOUT_BOUNDS}
  --database KIND  sqlite, or postgres: two APIs and a worker more, on a PostgreSQL server that is started for this, whose
                   connections are ended, whose processes are killed, that crashes, and whose network is cut
  --replica KIND   with postgres: a second server follows the first, which dies again and again, and takes its place;
                   synchronous, so that nothing is lost, or asynchronous
  --seconds N      causes faults for so long
  --brief          the profile ${HOSTILE} in a third of the time
  --help           this text
`;

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'short' },
    seed: { type: 'string' },
    control: { type: 'string' },
    database: { type: 'string' },
    replica: { type: 'string' },
    seconds: { type: 'string' },
    brief: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const REPLICAS: readonly Replica[] = ['synchronous', 'asynchronous'];

process.exitCode = values.help ? help() : await run();

function help(): number {
  console.log(HELP);
  return 0;
}

async function run(): Promise<number> {
  const started = Date.now();
  const progress = (line: string) =>
    console.log(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${line}`);
  if (values.profile === HOSTILE)
    return runHostileProfile({ control: values.control, isBrief: values.brief }, progress);
  const profile = PROFILES[values.profile];
  if (profile === undefined) return refuse('profile', values.profile, [...Object.keys(PROFILES), HOSTILE]);
  const control = CONTROLS[values.control ?? ''];
  if (values.control !== undefined && control === undefined)
    return refuse('control', values.control, Object.keys(CONTROLS));
  const named = values.replica ?? control?.onPostgres?.replica ?? profile.replica;
  const replica = REPLICAS.find((kind) => kind === named);
  if (named !== replica) return refuse('replica', `${named}`, REPLICAS);
  const isOnServer = values.database === 'postgres' || replica !== undefined || control?.onPostgres;
  await using server = isOnServer ? await startServer(replica) : undefined;
  const isValid = await judged(profile, { server, replica, progress });
  if (values.control === undefined) return isValid ? 0 : 1;
  console.log(
    isValid
      ? 'The harness did NOT find the mutant guilty.'
      : 'The harness found the mutant guilty, as it must.',
  );
  return isValid ? 1 : 0;
}

/** Runs the profile and prints what came of it. @returns whether every property holds. */
async function judged(
  profile: Profile,
  {
    server,
    replica,
    progress,
  }: { server?: PostgresServer | undefined; replica?: Replica | undefined; progress(line: string): void },
): Promise<boolean> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const what = values.control ? `, control ${values.control}` : '';
  console.log(`Chaos, profile ${values.profile}, seed ${seed}${what}`);
  using mutant = values.control === undefined ? undefined : makeMutant(values.control);
  const durationMs = values.seconds === undefined ? profile.durationMs : Number(values.seconds) * 1000;
  const verdict = await runChaos({
    profile: { ...profile, durationMs },
    seed,
    progress,
    server,
    hasReplica: replica !== undefined,
    ...(mutant && { ...mutant, untilGuilty: true }),
  });
  print(verdict);
  return verdict.valid;
}

function refuse(what: string, name: string, known: readonly string[]): number {
  console.error(`There is no ${what} ${name}; there are ${known.join(', ')}.`);
  return 2;
}

/** The worlds of this process keep their databases on it. */
async function startServer(replica: Replica | undefined): Promise<PostgresServer> {
  const { PostgresServer: Server } = await import('@mahilo/shared/test/postgres/server');
  const server = await Server.start(replica);
  process.env['TEST_DATABASE_URL'] = server.url;
  return server;
}

function print(verdict: Verdict): void {
  const sample = (ids: readonly string[]) =>
    ids.length > 0 ? `  (${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', …' : ''})` : '';
  console.log(`
attempted      ${verdict.attempted}
acknowledged   ${verdict.acknowledged}, which owe ${verdict.owed} deliveries
lost           ${verdict.lost.length}${sample(verdict.lost)}
unexpected     ${verdict.unexpected.length}${sample(verdict.unexpected)}
duplicated     ${verdict.duplicated}, of which unexplained ${verdict.unexplained.length}${sample(verdict.unexplained)}
recovered      ${verdict.recovered}
longest pause  ${(verdict.longestPauseMs / 1000).toFixed(1)} s without an acknowledgement
processes killed ${verdict.kills}
`);
  for (const [name, times] of Object.entries(verdict.faults))
    console.log(`  ${String(times).padStart(4)} × ${name}`);
  for (const [name, holds] of Object.entries(verdict.properties))
    console.log(`  ${holds ? '✔' : '✘'} ${name}`);
}
