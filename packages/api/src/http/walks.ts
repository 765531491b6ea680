import { Rotation } from './rotation.ts';

/** Walks of one user that are under way at once; each keeps in memory what it has found. */
const MAX_UNDER_WAY = 4;

/** Who walks when operators ask: what they are told is remembered for all of them. */
export const OPERATORS = 'operators';

type Run = () => void;

/** Comes back when the next piece may be read. */
export type NextPiece = () => Promise<void>;

interface User {
  underWay: number;
  /** Those that begin when others have ended. */
  waiting: Run[];
}

/**
 * Walks are requests that read much, in pieces of a few milliseconds. Each is short, but one of every walk in the same
 * turn of the event loop would let nobody else in for long. So there is one piece in each turn, whoever walks; users
 * take turns, however many walks each has. Holds no more than the requests that wait.
 */
export class Walks {
  readonly #nextTurn: (run: Run) => void;
  readonly #users = new Map<string, User>();
  /** Who waits to read a piece. */
  readonly #asking = new Rotation<Run>();
  /** A piece was read in this turn already. */
  #isTaken = false;

  constructor(nextTurn: (run: Run) => void = setImmediate) {
    this.#nextTurn = nextTurn;
  }

  /**
   * Does a user's `work` when not too many of their walks are under way; it awaits `nextPiece` before each piece. A walk
   * must not begin within another, nor within a transaction: it might wait for what waits for it.
   */
  async walk<T>(userId: string, work: (nextPiece: NextPiece) => Promise<T>): Promise<T> {
    const user = this.#users.get(userId) ?? { underWay: 0, waiting: [] };
    this.#users.set(userId, user);
    if (user.underWay < MAX_UNDER_WAY) user.underWay += 1;
    else await new Promise<void>((resolve) => user.waiting.push(resolve));
    try {
      return await work(() => this.#ask(userId));
    } finally {
      this.#end(userId, user);
    }
  }

  /** Passes the place on, or gives it back. */
  #end(userId: string, user: User): void {
    const next = user.waiting.shift();
    if (next === undefined) user.underWay -= 1;
    else next();
    if (user.underWay === 0) this.#users.delete(userId);
  }

  #ask(userId: string): Promise<void> {
    return new Promise((resolve) => {
      this.#asking.add(userId, resolve);
      if (!this.#isTaken) this.#letOne();
    });
  }

  /** Lets the first of the next user read a piece, and one more in the next turn. */
  #letOne(): void {
    const run = this.#asking.next();
    this.#isTaken = run !== undefined;
    if (run === undefined) return;
    this.#nextTurn(() => this.#letOne());
    run();
  }
}

/** Those of this process: they share its event loop. */
export const walks = new Walks();
