import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer } from '@mahilo/shared/test/postgres/server';
import { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';
import { Audit } from './audit.ts';
import { type Dice, diceFrom } from './dice.ts';
import { Fleet } from './fleet.ts';
import { isGuilty } from './guilt.ts';
import { Journal } from './journal.ts';
import { operationsWithServer, possibleOperations, rage } from './nemesis.ts';
import { Network } from './network.ts';
import { Pollers } from './pollers.ts';
import type { Profile } from './profiles.ts';
import { Receivers } from './receivers.ts';
import { keepSending } from './senders.ts';
import { judge, type Verdict } from './verdict.ts';

const SMALL_DISK_MB = 256;
/** A control may take this many times as long: the machine may be slow, and chance has to expose the fault. */
const CONTROL_TIMES = 6;
/** A lease (ms). What a machine is too busy to settle by then comes again without a fault. */
const LEASE_MS = 2000;
/** A worker that dies may not have recorded what was answered so long (ms) before. */
const EFFECT_MS = 1000;
const ENVIRONMENT = {
  LEASE_MS: String(LEASE_MS),
  INBOX_LEASE_MS: String(LEASE_MS),
  // Longer than a busy machine delays a worker: a callback that it gives up comes again without a fault.
  CALLBACK_TIMEOUT_MS: '3000',
  SHUTDOWN_TIMEOUT_MS: '2000',
  MAX_RETRIES: '100',
  RETRY_BASE_MS: '100',
  // Most receivers fail at first; this tries them as often as proven ones.
  UNPROVEN_PER_MINUTE: '1000000',
  RETRY_MAX_MS: '2000',
  BREAKER_MAX_MS: '1000',
  RATE_LIMIT: '1000000',
};

export interface RunOptions {
  profile: Profile;
  seed: number;
  /** The sources to run: the product's own, or a mutant's. */
  root?: string;
  /** The kinds of fault; by default all that are possible. */
  faults?: readonly string[];
  /** Where the database is, if not in a file. */
  server?: PostgresServer | undefined;
  hasReplica?: boolean;
  /** Ends as soon as the product is guilty. */
  untilGuilty?: boolean;
  progress(line: string): void;
}

/** One run: senders, agents and a nemesis around real processes. Then everything is healed, the queue drains, and the run is judged. */
export async function runChaos(options: RunOptions): Promise<Verdict> {
  const { profile, seed, root, progress, server, hasReplica = false, faults = profile.faults } = options;
  const dice = diceFrom(seed);
  const journal = new Journal();
  using disk = smallDisk();
  await using world = new World(ENVIRONMENT, { directory: disk.directory, ...(root && { root }) });
  await using receivers = new Receivers(journal, dice);
  await receivers.start();
  await using network = server && (await Network.before(world.store.url));
  const fleet = new Fleet(world, network && { DATABASE_URL: network.url });
  await (server ? fleet.start(profile.workers, profile.apis) : fleet.start(profile.workers - 1));
  await using pollers = new Pollers(journal, dice, LEASE_MS);
  const society = await populate(new Client(() => fleet.url), receivers, pollers, profile);
  const audit = new Audit(world.store, server ? 'postgres' : 'sqlite');
  await audit.begin();

  const { directory, isSmallDisk } = disk;
  const operations = faults ?? (server ? operationsWithServer(hasReplica) : possibleOperations(isSmallDisk));
  const nemesis = { fleet, audit, journal, dice, directory, operations, leaseMs: LEASE_MS, server, network };
  await underFire(society, nemesis, options, dice);

  receivers.heal();
  pollers.heal();
  progress('Healed; waiting for the queue to drain.');
  await drained(audit, profile.drainMs).then(
    () => pollers.end(),
    () => progress('The queue did not drain.'),
  );
  const final = {
    unsettled: (await audit.unsettled()).length,
    states: await audit.states(),
    messagesBySend: await audit.messagesBySend(),
    moves: await audit.moves(),
    illegalMoves: await audit.illegalMoves(),
    integrity: await audit.integrity(),
  };
  fleet.retire();
  const expectedFaults = profile.mustSeeAllFaults ? operations : [];
  return judge(journal, final, { expectedFaults, effectMs: EFFECT_MS });
}

async function underFire(
  { people, groupId }: Society,
  nemesis: Parameters<typeof rage>[0],
  { profile, progress, untilGuilty = false }: RunOptions,
  dice: Dice,
): Promise<void> {
  const { journal, audit } = nemesis;
  const durationMs = profile.durationMs * (untilGuilty ? CONTROL_TIMES : 1);
  const time = AbortSignal.timeout(durationMs);
  const stop = new AbortController();
  const giveUp = new AbortController();
  const names = people.map((person) => person.username);
  const senders = people.map((person) =>
    keepSending(
      person,
      { friends: names.filter((name) => name !== person.username), groupId },
      journal,
      dice,
      { everyMs: profile.sendEveryMs, stop: stop.signal, giveUp: giveUp.signal },
    ),
  );
  const ticker = setInterval(() => progress(summaryOf(journal)), 15_000);
  // On a slow machine few faults fit into the time: a run in which nothing died would say nothing.
  const isOver = () =>
    untilGuilty ? time.aborted || isGuilty(journal, audit) : time.aborted && killsIn(journal) > 0;
  await rage(nemesis, { everyMs: profile.faultEveryMs, isOver });
  stop.abort();
  await nemesis.fleet.settled();
  setTimeout(() => giveUp.abort(), 10_000).unref();
  await Promise.all(senders);
  clearInterval(ticker);
}

function summaryOf(journal: Journal): string {
  const { intents, arrivals, faults } = journal;
  return `${intents.size} sent, ${arrivals.length} arrived, ${faults.length} faults, ${killsIn(journal)} processes killed`;
}

function killsIn({ faults }: Journal): number {
  return faults.reduce((sum, fault) => sum + fault.kills, 0);
}

/** People who are all friends, and in one group. */
interface Society {
  people: readonly Client[];
  groupId: string;
}

async function populate(
  nobody: Client,
  receivers: Receivers,
  pollers: Pollers,
  size: { people: number; pollers: number },
): Promise<Society> {
  const founder = await nobody.register('founder');
  const { group_id: groupId } = await founder.ok('POST', '/groups', {
    name: 'everybody',
    invite_only: false,
  });
  const arrive = async (n: number) => {
    const person = await nobody.register(`person${n}`);
    if (n < size.people) {
      const { callback_secret } = await person.connect(receivers.urlOf(n));
      receivers.introduce(n, person.username, callback_secret);
    } else {
      await person.connectPolling();
      pollers.start(person);
    }
    await person.ok('POST', `/groups/${groupId}/join`);
    return person;
  };
  const everybody = Array.from({ length: size.people + size.pollers }, (_, n) => arrive(n));
  const people = await Promise.all(everybody);
  // One after the other: nobody tries these again, and on a slow machine many at once wait too long for each other.
  for (const [n, person] of people.entries()) {
    for (const friend of people.slice(0, n)) await friend.befriend(person);
  }
  return { people, groupId };
}

async function drained(audit: Audit, timeoutMs: number): Promise<void> {
  await eventually(async () => (await audit.unsettled()).length === 0, timeoutMs);
}

interface Disk extends Disposable {
  directory: string;
  isSmallDisk: boolean;
}

/** A small file system in memory where this machine lets us mount one, else a plain directory. */
function smallDisk(): Disk {
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-chaos-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_MB}m`, 'tmpfs', directory], {
      stdio: 'ignore',
    });
  } catch {
    return { directory, isSmallDisk: false, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
  }
  return {
    directory,
    isSmallDisk: true,
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true });
    },
  };
}
