/** What waits, in order, by its owner. Who was served goes behind all other owners, however much waits for one of them. */
export class Rotation<Item> {
  /** In the order in which the owners are served. */
  readonly #waiting = new Map<string, Item[]>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Those for whom something waits, in the order in which they are served. */
  owners(): Iterable<string> {
    return this.#waiting.keys();
  }

  countOf(owner: string): number {
    return this.#waiting.get(owner)?.length ?? 0;
  }

  add(owner: string, item: Item): void {
    const items = this.#waiting.get(owner);
    if (items === undefined) this.#waiting.set(owner, [item]);
    else items.push(item);
  }

  /** Takes the first of the owner whose turn it is. @returns undefined when nothing waits. */
  next(): Item | undefined {
    const [owner] = this.#waiting.keys();
    return owner === undefined ? undefined : this.nextOf(owner);
  }

  /** Takes an owner's first. */
  nextOf(owner: string): Item | undefined {
    const items = this.#waiting.get(owner);
    const item = items?.shift();
    this.#waiting.delete(owner);
    if (items !== undefined && items.length > 0) this.#waiting.set(owner, items);
    return item;
  }

  /** Forgets one that nobody wants any more; the owner keeps its turn. */
  remove(owner: string, item: Item): void {
    const items = this.#waiting.get(owner);
    const index = items?.indexOf(item) ?? -1;
    if (index === -1) return;
    items?.splice(index, 1);
    if (items?.length === 0) this.#waiting.delete(owner);
  }
}
