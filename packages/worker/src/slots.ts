import type { Urgency } from '@mahilo/shared/outbox/lanes';
import type { LeasedDelivery, SlotShares } from '@mahilo/shared/outbox/lease';
import type { UpcomingLane } from '@mahilo/shared/outbox/ready';

/** The share of slots that bulk messages leave to single ones, and single ones to bulk. */
const RESERVED_PART = 8;
/** Destinations of URLs remembered at once; forgotten ones are computed again. */
const MAX_REMEMBERED = 10_000;

export interface SlotLimits {
  /** Callbacks in flight at once. */
  total: number;
  /** To one host and port. */
  perDestination: number;
  /** To one connection. */
  perLane: number;
}

type Owner = Pick<UpcomingLane, 'user_id' | 'callback_url'>;

/**
 * The callbacks that a worker has in flight, and who may have one more. A user may have as many slots as are then
 * still free, and always one, so there is room for the next user however many take all they can. A destination's
 * slots are shared in the same way. (Dynamic thresholds: Choudhury and Hahne, 1998.)
 */
export class Slots implements SlotShares {
  readonly #limits: SlotLimits;
  readonly #base: Slots | undefined;
  readonly #counts = new Map<string, number>();

  constructor(limits: SlotLimits, base?: Slots) {
    const perDestination = Math.max(limits.perDestination, limits.perLane);
    this.#limits = { ...limits, perDestination };
    this.#base = base;
  }

  /** A copy to plan with, which changes nothing here. */
  plan(): Slots {
    return new Slots(this.#limits, this);
  }

  add(delivery: LeasedDelivery): void {
    this.#change(delivery, delivery.bulk === 1 ? 'bulk' : 'single', 1);
  }

  remove(delivery: LeasedDelivery): void {
    this.#change(delivery, delivery.bulk === 1 ? 'bulk' : 'single', -1);
  }

  take(lane: UpcomingLane, urgency: Urgency): void {
    this.#change(lane, urgency, 1);
  }

  heldBy(userId: string): number {
    return this.#count(userId);
  }

  reservedForBulk(): number {
    return Math.max(0, this.#reserve - this.#count(BULK));
  }

  hasRoomFor(owner: Owner, urgency: Urgency): boolean {
    const free = this.#limits.total - this.#count(ALL);
    if (free <= 0 || this.heldBy(owner.user_id) >= Math.max(1, free)) return false;
    if (urgency === 'bulk' && free <= this.#reserve && this.reservedForBulk() === 0) return false;
    return owner.callback_url === null || this.#hasRoomAt(destinationOf(owner.callback_url), owner.user_id);
  }

  #hasRoomAt(destination: string, userId: string): boolean {
    const { perDestination, perLane } = this.#limits;
    const all = this.#count(destination);
    const own = this.#count(pair(destination, userId));
    const free = perDestination - all;
    return free > 0 && own < Math.max(1, free, own === all ? perLane : 0);
  }

  get #reserve(): number {
    return Math.min(this.#limits.total - 1, Math.ceil(this.#limits.total / RESERVED_PART));
  }

  #change({ user_id, callback_url }: Owner, urgency: Urgency, by: 1 | -1): void {
    const destination = callback_url === null ? undefined : destinationOf(callback_url);
    const keys = [ALL, user_id, ...(urgency === 'bulk' ? [BULK] : [])];
    if (destination !== undefined) keys.push(destination, pair(destination, user_id));
    for (const key of keys) {
      const count = (this.#counts.get(key) ?? 0) + by;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }

  #count(key: string): number {
    const base = this.#base === undefined ? 0 : this.#base.#count(key);
    return base + (this.#counts.get(key) ?? 0);
  }
}

const ALL = 'all';
const BULK = 'bulk';

function pair(destination: string, userId: string): string {
  return `${userId} ${destination}`;
}

const destinations = new Map<string, string>();

/** The host and port of a callback URL. */
function destinationOf(url: string): string {
  const existing = destinations.get(url);
  if (existing !== undefined) return existing;
  if (destinations.size >= MAX_REMEMBERED) destinations.clear();
  const { hostname, port, protocol } = new URL(url);
  const destination = `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
  destinations.set(url, destination);
  return destination;
}
