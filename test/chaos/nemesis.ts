import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresServer } from '@mahilo/shared/test/postgres/server';
import type { Audit } from './audit.ts';
import type { Dice } from './dice.ts';
import type { Fleet } from './fleet.ts';
import type { Journal } from './journal.ts';
import type { Network } from './network.ts';

export interface NemesisWorld {
  fleet: Fleet;
  audit: Audit;
  journal: Journal;
  dice: Dice;
  /** Where the database is. */
  directory: string;
  /** The kinds of fault to choose from. */
  operations: readonly string[];
  leaseMs: number;
  /** The server of the database, when it is one that this run may kill. */
  server?: PostgresServer | undefined;
  /** Between the processes and that server. */
  network?: Network | undefined;
}

/** A kind of fault: causes it, waits until it is over, and returns how many processes it killed. */
type Operation = (world: NemesisWorld) => Promise<number>;

/** The system calls of a commit: the worst moments for a process to die. */
const COMMIT_CALLS = ['fsync', 'pwrite64'] as const;
const STRACE = '/usr/bin/strace';
/** After this time (ms) a strace that has not met its system call is detached. */
const TRAP_MS = 4000;

async function kill({ fleet }: NemesisWorld, names: readonly string[]): Promise<number> {
  const ends = names.map((name) => fleet.ended(name));
  for (const name of names) fleet.signal(name, 'SIGKILL');
  await Promise.all(ends);
  return names.length;
}

/** Kills a process at the n-th of its next system calls of a kind: not at a random moment, but inside a commit. */
async function killInside(world: NemesisWorld, name: string): Promise<number> {
  const call = world.dice.pick(COMMIT_CALLS);
  const trap = `${call}:signal=KILL:when=${world.dice.between(1, 12)}`;
  const pid = String(world.fleet.pidOf(name));
  const strace = spawn(STRACE, [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${trap}`,
    '-p',
    pid,
  ]);
  const ended = world.fleet.ended(name).then(() => 1);
  const killed = await Promise.race([ended, pause(TRAP_MS).then(() => 0)]);
  await stopTracing(strace);
  return killed;
}

async function stopTracing(strace: ChildProcess): Promise<void> {
  if (strace.exitCode !== null || strace.signalCode !== null) return;
  const closed = new Promise((resolve) => strace.once('close', resolve));
  strace.kill('SIGTERM');
  await closed;
}

async function fillDisk({ directory, dice }: NemesisWorld): Promise<number> {
  const filler = join(directory, 'filler');
  const { bavail, bsize } = statfsSync(directory);
  try {
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
  } catch {
    // Another process took the last page: the disk is full all the same.
  }
  await pause(dice.between(500, 2000));
  rmSync(filler, { force: true });
  return 0;
}

export const CUT_COMMITS = 'cut the network at a commit';
export const LOSE_PRIMARY = 'lose the primary, and promote its replica';
export const KILL_ONE_OF_EACH = 'kill an API and a worker';

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'kill a worker': (world) => kill(world, [world.dice.pick(world.fleet.workers)]),
  'kill the API': (world) => kill(world, [world.dice.pick(world.fleet.apis)]),
  [KILL_ONE_OF_EACH]: (world) =>
    kill(world, [world.dice.pick(world.fleet.apis), world.dice.pick(world.fleet.workers)]),
  'kill everything': (world) => kill(world, world.fleet.names),
  'kill a worker inside a commit': (world) => killInside(world, world.dice.pick(world.fleet.workers)),
  'kill the API inside a commit': (world) => killInside(world, world.dice.pick(world.fleet.apis)),
  'freeze a worker beyond its lease': async ({ fleet, dice, leaseMs }) => {
    const name = dice.pick(fleet.workers);
    fleet.signal(name, 'SIGSTOP');
    await pause(leaseMs * (1.2 + dice.next()));
    fleet.signal(name, 'SIGCONT');
    await pause(leaseMs);
    return 0;
  },
  'rolling restart': async ({ fleet }) => {
    for (const name of fleet.names) {
      const ended = fleet.ended(name);
      fleet.signal(name, 'SIGTERM');
      await ended;
      await fleet.settled();
    }
    return 0;
  },
  'fill the disk': fillDisk,
  'hold the write lock': async ({ audit, dice }) => {
    await audit.holdLock(dice.between(500, 3000));
    return 0;
  },
  'hold a snapshot': async ({ audit, dice }) => {
    await audit.holdSnapshot(dice.between(1000, 3000));
    return 0;
  },
};

/** What happens to a server, and to the network before it. */
const OF_SERVER: Readonly<Record<string, Operation>> = {
  'terminate the connections': async ({ audit }) => {
    for (const pid of await audit.backends()) await audit.terminate(pid);
    return 0;
  },
  'kill a process of the server': async ({ audit, dice, server }) => {
    process.kill(dice.pick(await audit.backends()), 'SIGKILL');
    await server?.isBack();
    return 0;
  },
  'crash the server': async ({ dice, server }) => {
    await server?.crash(dice.between(0, 2000));
    return 0;
  },
  'cut the network': async ({ dice, network }) => {
    await network?.cut(dice.between(0, 3000));
    return 0;
  },
  'hold the network': async ({ dice, network }) => {
    await network?.hold(dice.between(500, 4000));
    return 0;
  },
  [CUT_COMMITS]: async ({ dice, network }) => {
    await network?.cutCommits(dice);
    return 0;
  },
};

/** What happens to two servers of which one is the replica of the other. */
const OF_REPLICA: Readonly<Record<string, Operation>> = {
  [LOSE_PRIMARY]: async ({ dice, server }) => {
    await server?.failOver(dice.between(0, 1000));
    return 0;
  },
};

/** What needs the database to be a file. */
const OF_FILE = ['fill the disk', 'kill a worker inside a commit', 'kill the API inside a commit'];

/**
 * The faults that this machine can have. Only a separate small file system is filled: that harms
 * nobody else.
 */
export function possibleOperations(isSmallDisk: boolean): string[] {
  return Object.keys(OPERATIONS).filter(
    (name) => (name !== 'fill the disk' || isSmallDisk) && (!name.includes('inside') || existsSync(STRACE)),
  );
}

/** The faults of a run on a server, which may have a replica. */
export function operationsWithServer(hasReplica: boolean): string[] {
  return [
    ...Object.keys(OPERATIONS).filter((name) => !OF_FILE.includes(name)),
    ...Object.keys(OF_SERVER),
    ...(hasReplica ? Object.keys(OF_REPLICA) : []),
  ];
}

/** Does one fault after the other until it is over; each kind in turn in a random order, so that none is left out. */
export async function rage(
  world: NemesisWorld,
  options: { everyMs: number; isOver: () => boolean | Promise<boolean> },
): Promise<void> {
  let bag: readonly string[] = [];
  while (!(await options.isOver())) {
    await pause(options.everyMs * (0.5 + world.dice.next()));
    if (bag.length === 0) bag = world.operations;
    const name = world.dice.pick(bag);
    bag = bag.filter((other) => other !== name);
    const fault = { name, from: Date.now(), to: Number.POSITIVE_INFINITY, kills: 0 };
    world.journal.faults.push(fault);
    fault.kills = (await { ...OPERATIONS, ...OF_SERVER, ...OF_REPLICA }[name]?.(world)) ?? 0;
    await world.fleet.settled();
    fault.to = Date.now();
  }
}
