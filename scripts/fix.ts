import { optionsOrExit } from '@mahilo/operator/command-line';
import { succeeds } from './process/run-program.ts';

const HELP = `Fixes what can be fixed safely: npm run fix [-- path…]

Formats the code, sorts imports, and without a path also renews what is generated: docs/settings.md, docs/limits.md,
the error codes in docs/agents.md, docs/pictures/house.svg and packages/client/src/openapi.ts. Two pictures are measurements of a run and have commands of their own:
docs/pictures/demo.svg (scripts/demo-picture.ts) and docs/benchmarks.svg (npm run bench).`;

/** Each writes what follows from the code. */
const GENERATORS = ['scripts/settings-docs.ts', 'scripts/client-types.ts', 'scripts/house-picture.ts'];

async function fixAll(paths: readonly string[]): Promise<boolean> {
  const fixed = [await succeeds('biome', ['check', '--write', ...paths])];
  if (paths.length === 0)
    for (const generator of GENERATORS) fixed.push(await succeeds(process.execPath, [generator]));
  return fixed.every(Boolean);
}

const { positionals } = optionsOrExit(HELP, { allowPositionals: true });
process.exitCode = (await fixAll(positionals)) ? 0 : 1;
