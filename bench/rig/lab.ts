import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchDatabase } from './database.ts';
import { ServerDatabase } from './server-database.ts';
import type { StartedProcess } from './started-process.ts';
import { FileDatabase } from './stored.ts';

/** statfs(2): a file system in memory, where a durable commit costs nothing. */
const TMPFS = 0x01021994;

export interface LabOptions {
  /** Where the databases go. */
  directory: string;
  /** Sizes for a smoke test: the numbers mean nothing. */
  quick: boolean;
  /** Sizes for a first look: the numbers are rough. */
  brief?: boolean;
  /** How many settled messages a large file has, if given. */
  messages?: number | undefined;
  /** How many agents have these messages. */
  agents: number;
  /** Where the product's processes write their CPU profiles when they end; undefined: nowhere. */
  profiles: string | undefined;
  progress(line: string): void;
}

/** A server of databases. */
interface LabServer {
  port: number;
  started: StartedProcess;
}

/** The place and size of a run: a directory on a real disk, and how much to measure. */
export class Lab implements Disposable {
  readonly directory: string;
  readonly quick: boolean;
  readonly brief: boolean;
  readonly messages: number | undefined;
  readonly agents: number;
  readonly profiles: string | undefined;
  readonly progress: (line: string) => void;
  #directories = 0;
  #server: LabServer | undefined;

  /** @throws Error when the directory is in memory. */
  constructor(options: LabOptions) {
    const { directory, quick, profiles, progress } = options;
    if (statfsSync(directory).type === TMPFS && !quick) {
      throw new Error(`${directory} is in memory, where fsync is free; give --directory on a disk.`);
    }
    this.directory = mkdtempSync(join(directory, 'mahilo-bench-'));
    this.quick = quick;
    this.brief = options.brief ?? false;
    this.messages = options.messages;
    this.agents = options.agents;
    this.profiles = profiles;
    this.progress = progress;
  }

  /** The first value; the second in a smoke test; the third for a first look. */
  size(full: number, quick: number, brief = full): number {
    if (this.quick) return quick;
    return this.brief ? brief : full;
  }

  /** How many settled messages a large file has. */
  settled(quick: number): number {
    return this.size(this.messages ?? 1_000_000, quick);
  }

  /** From now on new databases are on a PostgreSQL server. */
  keepDatabasesOn(server: LabServer): void {
    this.#server = server;
  }

  /** The server of the databases; undefined when they are files. */
  get server(): LabServer | undefined {
    return this.#server;
  }

  /** What works for a product besides its own processes. */
  get serving(): readonly StartedProcess[] {
    return this.#server === undefined ? [] : [this.#server.started];
  }

  /** A database of its own. It is not there yet. */
  database(): BenchDatabase {
    return this.#server === undefined
      ? new FileDatabase(this.databaseFile())
      : new ServerDatabase(this.#server.port);
  }

  /** A path for a database in its own directory. */
  databaseFile(): string {
    this.#directories += 1;
    return join(this.directory, String(this.#directories), 'mahilo.db');
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
