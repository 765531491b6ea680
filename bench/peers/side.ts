import type { StartedProcess } from '../rig/started-process.ts';

/** Agents of a backlog: those that answer, or those that never do. */
export type Behaviour = 'ok' | 'hang';

/** What is measured: the product or a peer, as an operator would run it. */
export interface Side {
  name: string;
  /** What its accepted messages survive. */
  about: string;
  /** Starts everything but the worker, on an empty database. */
  open(): Promise<OpenSide>;
}

export interface OpenSide extends AsyncDisposable {
  /** Of what takes the messages. */
  port: number;
  /** A send of message `n` to one of its agents that answer. */
  request(n: number): string;
  /** Puts so many messages into the database, in bulk. */
  fill(count: number, behaviour: Behaviour): Promise<void>;
  startWorker(): Promise<void>;
  /** How many attempts are recorded as delivered. */
  recorded(): Promise<number>;
  /** All that run: front, worker, server. */
  processes(): readonly StartedProcess[];
}

/** Agents that answer, and those that hang. */
export const AGENTS = 50;
export const HANGING = 20;
/** Callbacks in flight. */
export const CONCURRENCY = 50;
