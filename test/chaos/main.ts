import { parseArgs } from 'node:util';
import type { PostgresServer } from '@mahilo/shared/test/postgres/server';
import { HOSTILE, runHostileProfile, WITHOUT_BOUNDS } from './hostile/profile.ts';
import { CONTROLS, makeMutant } from './mutants.ts';
import { PROFILES } from './profiles.ts';
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
                   connections are ended, whose processes are killed, and that crashes
  --brief          the profile ${HOSTILE} in a third of the time
  --help           this text
`;

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'short' },
    seed: { type: 'string' },
    control: { type: 'string' },
    database: { type: 'string', default: 'sqlite' },
    brief: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

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
  if (profile === undefined) {
    const names = [...Object.keys(PROFILES), HOSTILE].join(', ');
    console.error(`There is no profile ${values.profile}; there are ${names}.`);
    return 2;
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  console.log(
    `Chaos, profile ${values.profile}, seed ${seed}${values.control ? `, control ${values.control}` : ''}`,
  );
  await using server = values.database === 'postgres' ? await startServer() : undefined;
  using mutant = values.control === undefined ? undefined : makeMutant(values.control);
  const verdict = await runChaos({
    profile,
    seed,
    progress,
    server,
    ...(mutant && { ...mutant, untilGuilty: true }),
  });
  print(verdict);
  if (values.control === undefined) return verdict.valid ? 0 : 1;
  console.log(
    verdict.valid
      ? 'The harness did NOT find the mutant guilty.'
      : 'The harness found the mutant guilty, as it must.',
  );
  return verdict.valid ? 1 : 0;
}

/** The worlds of this process keep their databases on it. */
async function startServer(): Promise<PostgresServer> {
  const { PostgresServer: Server } = await import('@mahilo/shared/test/postgres/server');
  const server = await Server.start();
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
processes killed ${verdict.kills}
`);
  for (const [name, times] of Object.entries(verdict.faults))
    console.log(`  ${String(times).padStart(4)} × ${name}`);
  for (const [name, holds] of Object.entries(verdict.properties))
    console.log(`  ${holds ? '✔' : '✘'} ${name}`);
}
