/** Remembers which deliveries were received. */
export interface SeenStore {
  /** Remembers a delivery. @returns whether it is new. */
  add(deliveryId: string): boolean | Promise<boolean>;
}

const MAX_REMEMBERED = 10_000;

/** Deliveries that were received, in memory: the newest 10,000, or as many as you say. */
export class SeenDeliveries implements SeenStore {
  readonly #ids = new Set<string>();
  readonly #max: number;

  constructor(max: number = MAX_REMEMBERED) {
    this.#max = max;
  }

  add(deliveryId: string): boolean {
    if (this.#ids.has(deliveryId)) return false;
    this.#ids.add(deliveryId);
    if (this.#ids.size > this.#max) this.#ids.delete(this.#ids.values().next().value ?? '');
    return true;
  }

  /** Forgets one that could not be dealt with: when it comes again it is new. */
  delete(deliveryId: string): void {
    this.#ids.delete(deliveryId);
  }
}
