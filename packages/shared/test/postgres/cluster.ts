import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';

/** Who PostgreSQL runs as: it refuses root. Undefined: whoever this process runs as. */
export type ServingUser = { uid: number; gid: number } | undefined;

/** The environment of PostgreSQL's programs. */
export const ENVIRONMENT = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } as const;

/** Nobody where this is root. */
export function servingUser(): ServingUser {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * Makes the files of a server in a directory that belongs to this process.
 * @param passwordFile has the password of the superuser `postgres`; without it nobody needs one.
 * @returns where they are.
 * @throws Error with what initdb says.
 */
export function newCluster(
  programs: string,
  directory: string,
  user: ServingUser,
  passwordFile?: string,
): string {
  const data = join(directory, 'data');
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  const access =
    passwordFile === undefined ? ['--auth=trust'] : ['--auth=password', `--pwfile=${passwordFile}`];
  const how = ['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', ...access, ...how], {
    ...user,
    cwd: directory,
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return data;
}

/** The arguments of `postgres` for its files and settings; it listens on this machine only, and on no socket of the system. */
export function serverArguments(data: string, settings: Readonly<Record<string, string | number>>): string[] {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
