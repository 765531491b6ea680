import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { servingUser } from './cluster.ts';
import { OneServer } from './one-server.ts';
import type { FromKeeper, Replica, ToKeeper } from './server.ts';

// The process that server.ts starts: it makes a PostgreSQL server, or one with a replica, and ends and removes all when its
// parent is gone, even if that was killed and could say nothing.

/** Nothing is kept, and a crash of the server alone loses nothing that the system has. */
const OPTIONS = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_connections: 300,
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  jit: 'off',
} as const;
/** Of both servers, which change places. A replica that was lost comes back at once. */
const WITH_REPLICA = {
  ...OPTIONS,
  full_page_writes: 'on',
  wal_level: 'replica',
  max_wal_senders: 5,
  wal_keep_size: '256MB',
  wal_retrieve_retry_interval: '200ms',
} as const;
/** A commit is answered when a replica has it: without one there are no commits. */
const SYNCHRONOUS = { synchronous_standby_names: '*' } as const;

const [, , programs = '', replica] = process.argv as [string, string, string?, Replica?];
const user = servingUser();
const password = randomBytes(12).toString('hex');
const directory = mkdtempSync(join(tmpdir(), 'mahilo-postgres-'));
const passwordFile = join(directory, 'password');
const settings = {
  ...(replica === undefined ? OPTIONS : WITH_REPLICA),
  ...(replica === 'synchronous' && SYNCHRONOUS),
};
const made = (name: string) =>
  new OneServer({ programs, user, directory: join(directory, name), settings, password, passwordFile });
let primary = made('one');
let other = replica === undefined ? undefined : made('two');

async function begin(): Promise<FromKeeper> {
  writeFileSync(passwordFile, password);
  if (user !== undefined) for (const path of [directory, passwordFile]) chownSync(path, user.uid, user.gid);
  await primary.create();
  await other?.follow(primary);
  const hosts = [primary, ...(other ? [other] : [])].map(({ port }) => `127.0.0.1:${port}`);
  return { hosts, password };
}

async function crash(downMs: number): Promise<void> {
  await primary.crash();
  await pause(downMs);
  await primary.serve();
}

/** The replica takes the place of the primary, which dies, and the dead one becomes the replica. */
async function failOver(behindMs: number): Promise<void> {
  if (other === undefined) throw new Error('There is no replica.');
  primary.stopSending();
  await pause(behindMs);
  await primary.die();
  other.promote();
  [primary, other] = [other, primary];
  await other.follow(primary);
}

async function end(): Promise<void> {
  await Promise.all([primary.crash(), other?.crash()]);
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
process.on('message', (question: ToKeeper) =>
  answer(async () => {
    await ('downMs' in question ? crash(question.downMs) : failOver(question.behindMs));
    return { isDone: true };
  }),
);
await answer(begin);
