import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Audit } from './audit.ts';
import type { Dice } from './dice.ts';
import type { Fleet } from './fleet.ts';
import type { Journal } from './journal.ts';

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

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'kill a worker': (world) => kill(world, [world.dice.pick(world.fleet.workers)]),
  'kill the API': (world) => kill(world, ['api']),
  'kill everything': (world) => kill(world, world.fleet.names),
  'kill a worker inside a commit': (world) => killInside(world, world.dice.pick(world.fleet.workers)),
  'kill the API inside a commit': (world) => killInside(world, 'api'),
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

/**
 * The faults that this machine can have. Only a separate small file system is filled: that harms
 * nobody else.
 */
export function possibleOperations(isSmallDisk: boolean): string[] {
  return Object.keys(OPERATIONS).filter(
    (name) => (name !== 'fill the disk' || isSmallDisk) && (!name.includes('inside') || existsSync(STRACE)),
  );
}

/** Causes one fault after the other until the run is over; each round has every kind once, in random order. */
export async function rage(
  world: NemesisWorld,
  options: { everyMs: number; isOver: () => boolean },
): Promise<void> {
  let bag: readonly string[] = [];
  while (!options.isOver()) {
    await pause(options.everyMs * (0.5 + world.dice.next()));
    if (bag.length === 0) bag = world.operations;
    const name = world.dice.pick(bag);
    bag = bag.filter((other) => other !== name);
    const fault = { name, from: Date.now(), to: Number.POSITIVE_INFINITY, kills: 0 };
    world.journal.faults.push(fault);
    fault.kills = (await OPERATIONS[name]?.(world)) ?? 0;
    await world.fleet.settled();
    fault.to = Date.now();
  }
}
