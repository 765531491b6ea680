import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { isFree } from '../is-free.ts';
import type { FromKeeper, ToKeeper } from './server.ts';

// The process that server.ts starts: it makes a PostgreSQL server, and ends and removes it when its parent is gone, even
// if that was killed and could say nothing.

/** Nothing is kept, and a crash of the server alone loses nothing that the system has. */
const OPTIONS = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_connections: 300,
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  jit: 'off',
} as const;
const READY = /database system is ready to accept connections/;
const LAST_LINES = 30;
const END_WITHIN_MS = 5000;
/** Below those that the system gives away: the server finds its port free when it starts again. */
const [FIRST_PORT, PORTS] = [14_000, 5000] as const;

/** PostgreSQL does not run as root. */
function servingUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const [, , programs = ''] = process.argv;
const user = servingUser();
const password = randomBytes(12).toString('hex');
const directory = mkdtempSync(join(tmpdir(), 'mahilo-postgres-'));
const data = join(directory, 'data');
const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
const lines: string[] = [];
let server: ChildProcess | undefined;
let port = 0;

function initialize(): void {
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, password);
  if (user.uid !== undefined && user.gid !== undefined) {
    for (const path of [directory, passwordFile]) chownSync(path, user.uid, user.gid);
  }
  const how = ['--encoding=UTF8', '--locale=C', '--auth=password', '--no-sync', '--no-instructions'];
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, ...how], {
    ...user,
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function freePort(): Promise<number> {
  for (;;) {
    const tried = FIRST_PORT + (randomBytes(2).readUInt16BE() % PORTS);
    if (await isFree(tried)) return tried;
  }
}

/** @throws Error with what the server wrote last, when it does not come up. */
async function serve(): Promise<void> {
  const options = Object.entries({ ...OPTIONS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const started = spawn(join(programs, 'postgres'), ['-D', data, ...options], {
    ...user,
    cwd: directory,
    env: environment,
    // What a terminal sends to all is for the tests: the server ends after them.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  server = started;
  const ready = Promise.withResolvers<void>();
  createInterface(started.stderr).on('line', (line) => {
    lines.push(line);
    lines.splice(0, lines.length - LAST_LINES);
    if (READY.test(line)) ready.resolve();
  });
  started.once('exit', () => ready.reject(new Error(`PostgreSQL ended:\n${lines.join('\n')}`)));
  await ready.promise;
}

/** Ends the server as a crash would: it recovers when it starts again. */
async function crash(): Promise<void> {
  const ending = server;
  if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
  const ended = once(ending, 'exit');
  ending.kill('SIGQUIT');
  const late = setTimeout(() => ending.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

async function end(): Promise<void> {
  await crash();
  rmSync(directory, { recursive: true, force: true });
  process.exit();
}

const say = (message: FromKeeper) => process.connected && process.send?.(message);

async function answer(work: () => Promise<FromKeeper>): Promise<void> {
  try {
    say(await work());
  } catch (error) {
    say({ error: String(error) });
  }
}

for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('SIGTERM', end);
process.once('disconnect', end);
process.on('message', ({ downMs }: ToKeeper) =>
  answer(async () => {
    await crash();
    await pause(downMs);
    await serve();
    return { isBack: true };
  }),
);
await answer(async () => {
  initialize();
  port = await freePort();
  await serve();
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` };
});
