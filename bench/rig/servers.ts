import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { newCluster, serverArguments, servingUser } from '@mahilo/shared/test/postgres/cluster';
import { foundPrograms } from '@mahilo/shared/test/postgres/programs';
import type { Lab } from './lab.ts';
import { freePort, reachable } from './port.ts';
import { StartedProcess } from './started-process.ts';

/** A database server that runs. */
export interface Server extends AsyncDisposable {
  port: number;
  started: StartedProcess;
}

/** Starts a server with an empty database. */
export type StartServer = () => Promise<Server>;

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
  const programs = foundPrograms();
  if (programs === undefined) return 'There is no PostgreSQL here.';
  const user = servingUser();
  // Another user has to come through.
  chmodSync(lab.directory, 0o711);
  if (spawnSync('test', ['-x', lab.directory], { cwd: '/', ...user }).status !== 0) {
    return `PostgreSQL does not run as root, and another user cannot come into ${dirname(lab.directory)}.`;
  }
  let template: string | undefined;
  return async () => {
    template ??= newCluster(programs, newFolder(lab, 'cluster'), user);
    const data = join(newFolder(lab, 'postgres'), 'data');
    copy(template, data);
    const port = await freePort();
    const started = new StartedProcess({
      program: join(programs, 'postgres'),
      arguments: serverArguments(data, { port, max_connections: 200 }),
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

/** With the owners of the files. */
function copy(from: string, to: string): void {
  const { error, status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`cp failed: ${stderr}`);
}

let folders = 0;

function newFolder(lab: Lab, name: string): string {
  folders += 1;
  const folder = join(lab.directory, `${name}-${folders}`);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

/** Where the search path has a program. */
function programAt(name: string): string | undefined {
  const inPath = (process.env['PATH'] ?? '').split(delimiter);
  return inPath.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
