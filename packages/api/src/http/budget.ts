import type { Clock } from '@mahilo/shared/clock';
import type { MahiloError } from '@mahilo/shared/errors';
import type { Client } from './client-address.ts';

/** Who holds something: the user, if the request names one, and the address it comes from. */
export interface Owner {
  userId: string | undefined;
  client: Client;
}

/** Whose part of a budget was used up. */
export type Exhausted = 'user' | 'address' | 'all';

/** How much there is in all, and of it for one user and for one address. */
export interface BudgetLimits {
  all: number;
  user: number;
  address: number;
}

export interface BudgetOptions {
  limits: BudgetLimits;
  clock: Pick<Clock, 'monotonicMs'>;
  /** Of who has used up a share the oldest is closed for a newcomer, if it has been unfinished for so long (ms). */
  graceMs: { user: number; address: number };
  refusal(by: Exhausted, limits: BudgetLimits): MahiloError;
  onClosed(): void;
}

/** What one owner holds together, and what of it is unfinished, the longest first. */
interface Share {
  amount: number;
  unfinishedAmount: number;
  unfinished: Set<Holding>;
}

/** A part of a budget that is in use. */
export class Holding {
  readonly owner: Owner;
  readonly amount: number;
  readonly shares: readonly Share[];
  readonly close: () => void;
  since: number;
  readonly #budget: Budget;
  #isReleased = false;
  #isUnfinished = true;

  constructor(
    budget: Budget,
    { owner, amount, shares, close }: Pick<Holding, 'owner' | 'amount' | 'shares' | 'close'>,
    since: number,
  ) {
    this.#budget = budget;
    this.owner = owner;
    this.amount = amount;
    this.shares = shares;
    this.close = close;
    this.since = since;
    for (const share of shares) share.amount += amount;
    this.#enter();
  }

  /** Its client has done its part: it still counts, and is no longer closed to make room. */
  finish(): void {
    if (this.#isReleased || !this.#isUnfinished) return;
    this.#isUnfinished = false;
    this.#leave();
  }

  /** It waits for its client again, from now (ms) on. */
  resume(now: number): void {
    if (this.#isReleased || this.#isUnfinished) return;
    this.#isUnfinished = true;
    this.since = now;
    this.#enter();
  }

  /** Idempotent. */
  release(): void {
    if (this.#isReleased) return;
    this.finish();
    this.#isReleased = true;
    for (const share of this.shares) share.amount -= this.amount;
    this.#budget.forget(this);
  }

  #enter(): void {
    for (const share of this.shares) {
      share.unfinished.add(this);
      share.unfinishedAmount += this.amount;
    }
  }

  #leave(): void {
    for (const share of this.shares) {
      share.unfinished.delete(this);
      share.unfinishedAmount -= this.amount;
    }
  }
}

/**
 * Something of which the process has only so much (connections, bytes), with a part for each user and each client address.
 * When it is used up, the longest unfinished one is closed of the address that holds the most, there of the user who does;
 * a newcomer is refused only when that is not enough. Addresses of one's own network have no part of their own: a proxy
 * that TRUST_PROXY does not name may stand there.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #all: Share = newShare();
  readonly #users = new Map<string, Share>();
  readonly #addresses = new Map<string, Share>();

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  get used(): number {
    return this.#all.amount;
  }

  get limit(): number {
    return this.#options.limits.all;
  }

  usedBy(userId: string): number {
    return this.#users.get(userId)?.amount ?? 0;
  }

  /**
   * Takes a part, unfinished at first. `close` ends what it is for; it is released by then.
   * @throws MahiloError that `refusal` makes.
   */
  take(owner: Owner, amount: number, close: () => void): Holding {
    const { limits, clock, graceMs, refusal } = this.#options;
    const now = clock.monotonicMs();
    const { userId, client } = owner;
    const address = shareOf(this.#addresses, client.network);
    const user = userId === undefined ? undefined : shareOf(this.#users, userId);
    const refuse = (by: Exhausted): never => {
      this.#tidy(owner);
      throw refusal(by, limits);
    };
    if (user && !this.#hasRoom(user, limits.user, amount, () => this.#oldestOf(user, now - graceMs.user)))
      refuse('user');
    const ofAddress = () => this.#oldestOf(address, now - graceMs.address);
    if (!client.isOwn && !this.#hasRoom(address, limits.address, amount, ofAddress)) refuse('address');
    if (!this.#hasRoom(this.#all, limits.all, amount, () => this.#longestOfMost())) refuse('all');
    // Making room may have emptied them.
    const shares = [
      this.#all,
      shareOf(this.#addresses, client.network),
      ...(userId === undefined ? [] : [shareOf(this.#users, userId)]),
    ];
    return new Holding(this, { owner, amount, shares, close }, now);
  }

  forget({ owner }: Holding): void {
    this.#tidy(owner);
  }

  /** Closes what `victim` names until there is room in a share. */
  #hasRoom(share: Share, limit: number, amount: number, victim: () => Holding | undefined): boolean {
    while (share.amount + amount > limit) {
      const holding = victim();
      if (holding === undefined) return false;
      holding.release();
      holding.close();
      this.#options.onClosed();
    }
    return true;
  }

  #oldestOf({ unfinished }: Share, since: number): Holding | undefined {
    const [oldest] = unfinished;
    return oldest !== undefined && oldest.since <= since ? oldest : undefined;
  }

  #longestOfMost(): Holding | undefined {
    const most = heaviest(this.#addresses);
    if (most === undefined) return undefined;
    const [oldest] = most.unfinished;
    if (oldest?.owner.userId === undefined) return oldest;
    const byUser = new Map<string, Share>();
    for (const holding of most.unfinished) {
      const share = shareOf(byUser, holding.owner.userId ?? '');
      share.unfinishedAmount += holding.amount;
      share.unfinished.add(holding);
    }
    const [longest] = heaviest(byUser)?.unfinished ?? [];
    return longest;
  }

  /** Keeps no share of who holds nothing. */
  #tidy({ userId, client }: Owner): void {
    if (this.#addresses.get(client.network)?.amount === 0) this.#addresses.delete(client.network);
    if (userId !== undefined && this.#users.get(userId)?.amount === 0) this.#users.delete(userId);
  }
}

function newShare(): Share {
  return { amount: 0, unfinishedAmount: 0, unfinished: new Set() };
}

function shareOf(shares: Map<string, Share>, name: string): Share {
  const existing = shares.get(name);
  if (existing !== undefined) return existing;
  const share = newShare();
  shares.set(name, share);
  return share;
}

/** The share with the most that is unfinished. */
function heaviest(shares: ReadonlyMap<string, Share>): Share | undefined {
  let most: Share | undefined;
  for (const share of shares.values()) {
    if (share.unfinishedAmount > (most?.unfinishedAmount ?? 0)) most = share;
  }
  return most;
}
