import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Schema } from './schema.ts';
import type { CommitListener, GroupCommit } from './write.ts';

/** When the commits of a process are durable: before they are answered, or, where the database allows that, within about 100 ms. */
export type Durability = 'at once' | 'soon';

/** Where a durable commit is, at least: on the disk of one host, or also on that of another one. */
export type Safety = 'disk' | 'disk and replica';

/** The database of one process, whatever keeps it: reads go through `kysely`, writes through `write`. */
export interface Database {
  readonly kysely: Kysely<Schema>;
  /** Runs queries in a write transaction, which they share with other waiting work; see {@link GroupCommit}. */
  readonly write: GroupCommit['write'];
  /**
   * The same beside others that write so: for the works of which there are most, and which lock what they decide by
   * (`beside.ts`). Where there is one writer it is `write`.
   */
  readonly writeBeside: GroupCommit['write'];
  /** Calls `listener`, which must not throw, after each commit of this process. `onChange` does not tell of those. */
  onCommit(listener: CommitListener): Disposable;
  /** Calls `listener`, which must not throw, soon after other processes have committed. */
  onChange(listener: () => void): Disposable;
  /** Another one than before when another process may have committed meanwhile. Costs microseconds. */
  dataVersion(): unknown;
  /**
   * Changes each time a user, an API key, a connection or a friendship changes. It is that of a moment after the call, so
   * what was answered before has an effect on it.
   */
  accessVersion(): Promise<number>;
  readonly upkeep: Upkeep;
  /** What there is to measure of where the data lie. */
  readonly gauges: readonly StateGauge[];
  /** What a message survives that was accepted now. @throws when it cannot be asked. */
  acceptedIsOn(): Promise<Safety>;
  /** The time by which leases end and deliveries are due: one for all processes of the database. */
  readonly clock: Clock;
  /** Names the database for people; no secret is in it. */
  readonly name: string;
  /** Where processes of this host leave notes for the doctor: the paths of these files begin with it. */
  readonly notes: string;
  close(): Promise<void>;
}

/** A database that cannot be written. */
export type DatabaseReader = Omit<Database, 'write' | 'writeBeside'>;

/** What a database needs while it is used. Each kind needs something else, and nothing happens after it is closed. */
export interface Upkeep {
  /** To be called every second: keeps small what grows with each write, in portions for which nobody waits. */
  often(): Promise<void>;
  /** To be called about twice a minute. */
  seldom(): Promise<void>;
  /** Whether so many bytes are free where the database grows, as far as this process can know. */
  hasRoom(bytes: number): Promise<boolean>;
  /**
   * Why this process must not go on with the database; undefined while it may. If there is a reason, it saves what can be
   * saved, and blocks meanwhile. Else it costs microseconds.
   */
  loss(): Loss | undefined;
}

/** Why a process must end. */
export interface Loss {
  sentence: string;
  /** For the line of the log. */
  fields: Readonly<Record<string, unknown>>;
}

/** A number that is read when somebody measures. */
export interface StateGauge {
  name: string;
  help: string;
  read(): Promise<number>;
}
