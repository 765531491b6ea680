import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Lab } from '../rig/lab.ts';
import { freePort, reachable } from '../rig/port.ts';
import { StartedProcess } from '../rig/started-process.ts';

/** A database server that runs. */
export interface Server extends AsyncDisposable {
  port: number;
  started: StartedProcess;
}

/** Starts a server with an empty database. */
export type StartServer = () => Promise<Server>;

const DEBIAN_POSTGRESQL = '/usr/lib/postgresql';
/** PostgreSQL does not run as root. Nobody's ids are these on every Debian. */
const NOBODY = { uid: 65_534, gid: 65_534 } as const;

/** How to start Redis, which syncs its file each second or at each command; a sentence why not where it is not there. */
export function redis(lab: Lab, appendfsync: 'everysec' | 'always'): StartServer | string {
  const program = programAt('redis-server');
  if (program === undefined) return 'There is no redis-server here.';
  return async () => {
    const directory = newFolder(lab, 'redis');
    const port = await freePort();
    const settings = { bind: '127.0.0.1', port, dir: directory, save: '', appendonly: 'yes', appendfsync };
    const started = new StartedProcess({
      program,
      arguments: Object.entries({ ...settings, 'maxmemory-policy': 'noeviction' }).flatMap(
        ([name, value]) => [`--${name}`, String(value)],
      ),
    });
    return running(started, port);
  };
}

/** How to start PostgreSQL with Debian's settings; a sentence why not where it is not there. */
export function postgres(lab: Lab): StartServer | string {
  const [initdb, program] = [programAt('initdb'), programAt('postgres')];
  if (initdb === undefined || program === undefined) return 'There is no PostgreSQL here.';
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  // Another user has to come through.
  chmodSync(lab.directory, 0o711);
  if (spawnSync('test', ['-x', lab.directory], { cwd: '/', ...user }).status !== 0) {
    return `PostgreSQL does not run as root, and another user cannot come into ${dirname(lab.directory)}.`;
  }
  let template: string | undefined;
  return async () => {
    template ??= newCluster(lab, initdb, user);
    const folder = newFolder(lab, 'postgres');
    const data = join(folder, 'data');
    assertDone('cp', ['-a', template, data], undefined);
    const port = await freePort();
    const started = new StartedProcess({
      program,
      arguments: [
        ...['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', ''],
        ...['-c', 'max_connections=200', '-c', 'logging_collector=off'],
      ],
      // Ends at once; SIGTERM would wait for its clients.
      endWith: 'SIGINT',
      user,
    });
    return running(started, port);
  };
}

async function running(started: StartedProcess, port: number): Promise<Server> {
  await reachable(started, port);
  return { port, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

function newCluster(lab: Lab, initdb: string, user: { uid: number; gid: number } | undefined): string {
  const folder = newFolder(lab, 'cluster');
  chmodSync(folder, 0o777);
  const template = join(folder, 'data');
  assertDone(initdb, ['-D', template, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'], user);
  return template;
}

function assertDone(program: string, args: string[], user: { uid: number; gid: number } | undefined): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: '/', ...user });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}

let folders = 0;

function newFolder(lab: Lab, name: string): string {
  folders += 1;
  const folder = join(lab.directory, `${name}-${folders}`);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

/** Where Debian or the search path has a program. */
function programAt(name: string): string | undefined {
  const inPath = (process.env['PATH'] ?? '').split(delimiter);
  return [...inPath, ...debianPostgresql()].map((folder) => join(folder, name)).find(isExecutable);
}

function debianPostgresql(): string[] {
  try {
    return readdirSync(DEBIAN_POSTGRESQL)
      .toSorted()
      .reverse()
      .map((version) => join(DEBIAN_POSTGRESQL, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
