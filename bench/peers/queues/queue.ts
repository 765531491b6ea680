import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A message to deliver. */
export interface Job {
  n: number;
  url: string;
  message: string;
}

/** The outcome of an attempt; each queue records it. */
export interface Attempt {
  status: number;
  durationMs: number;
}

export type Deliver = (job: Job) => Promise<Attempt>;

/** A peer in its documented use: how to add a job, and how to work on several at once. */
export interface Queue {
  /** Resolves when the job is as durable as the peer makes it. */
  add(job: Job): Promise<unknown>;
  addAll(jobs: readonly Job[]): Promise<unknown>;
  work(deliver: Deliver, concurrency: number): Promise<unknown>;
  /** How many attempts are recorded as delivered. */
  recorded(): Promise<number>;
}

/** Where a peer's packages and its server are. */
export interface Place {
  /** The folder that holds `node_modules`. */
  packages: string;
  /** Port of Redis or PostgreSQL, or a file of SQLite. */
  store: string;
}

export type OpenQueue = (place: Place) => Promise<Queue>;

/** Imports a package that is installed outside of this workspace, under a type that the caller gives. */
export async function packageOf<T>({ packages }: Place, name: string): Promise<T> {
  const require = createRequire(join(packages, 'package.json'));
  const module: unknown = await import(pathToFileURL(require.resolve(name)).href);
  return module as T;
}

/** For PostgreSQL as `postgres.ts` starts it. */
export function connectionString({ store }: Place): string {
  return `postgres://postgres@127.0.0.1:${store}/postgres`;
}
