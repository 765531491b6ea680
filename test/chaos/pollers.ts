import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../world/client.ts';
import { ask, type Question } from './ask.ts';
import type { Dice } from './dice.ts';
import type { Arrival, Journal } from './journal.ts';

/** What agents that poll do with what they have fetched. */
export const BEHAVIOURS = {
  acknowledge: 'acknowledge',
  late: 'acknowledge late',
  /** When another agent may have fetched it already. */
  tooLate: 'acknowledge after the lease',
  twice: 'acknowledge twice',
  forget: 'forget',
} as const;

type Behaviour = (typeof BEHAVIOURS)[keyof typeof BEHAVIOURS];

/** The people who poll in a run. Each has two agents that fetch from the same inbox. */
export class Pollers implements AsyncDisposable {
  readonly #journal: Journal;
  readonly #dice: Dice;
  readonly #leaseMs: number;
  readonly #stop = new AbortController();
  readonly #polling: Promise<void>[] = [];
  #healthy = false;
  #isEnding = false;

  constructor(journal: Journal, dice: Dice, leaseMs: number) {
    this.#journal = journal;
    this.#dice = dice;
    this.#leaseMs = leaseMs;
  }

  start(as: Client): void {
    this.#polling.push(this.#keepPolling(as), this.#keepPolling(as));
  }

  /** From now on everybody acknowledges at once. */
  heal(): void {
    this.#healthy = true;
  }

  /** Everybody finishes what they have fetched, and stops: the registry knows of an acknowledgement before they do. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#polling);
  }

  async #keepPolling(as: Client): Promise<void> {
    while (!this.#isEnding && !this.#stop.signal.aborted) {
      const behaviour = this.#healthy ? BEHAVIOURS.acknowledge : this.#dice.pick(Object.values(BEHAVIOURS));
      const fetched = await this.#fetch(as, behaviour);
      this.#journal.arrivals.push(...fetched);
      if (fetched.length > 0) await this.#deal(as, behaviour, fetched);
    }
  }

  /** Breaks off some of the polls: what they may have leased must come again. */
  async #fetch(as: Client, behaviour: Behaviour): Promise<Arrival[]> {
    const isBrokenOff = !this.#healthy && this.#dice.chance(0.2);
    const limit = this.#healthy ? 100 : this.#dice.between(1, 20);
    const poll: Question = {
      method: 'GET',
      path: `/inbox?wait=1&limit=${limit}`,
      ...(isBrokenOff && { patienceMs: this.#dice.between(1, 500) }),
    };
    const fetched = (await ask(as, poll, this.#stop.signal)) ?? [];
    return fetched.map((message: Record<string, string>) => ({
      way: 'inbox',
      receiver: as.username,
      messageId: `${message['message_id']}`,
      deliveryId: `${message['delivery_id']}`,
      message: `${message['message']}`,
      valid: true,
      at: Date.now(),
      behaviour,
    }));
  }

  async #deal(as: Client, behaviour: Behaviour, fetched: readonly Arrival[]): Promise<void> {
    if (behaviour === BEHAVIOURS.forget) return;
    if (behaviour === BEHAVIOURS.late) await pause(this.#leaseMs / 4);
    if (behaviour === BEHAVIOURS.tooLate) await pause(this.#leaseMs * 1.2);
    await this.#acknowledge(as, fetched);
    if (behaviour === BEHAVIOURS.twice) await this.#acknowledge(as, fetched);
  }

  /** Retries until there is an answer, as an agent must so as not to do the same work twice. */
  async #acknowledge(as: Client, fetched: readonly Arrival[]): Promise<void> {
    const body = { delivery_ids: fetched.map(({ deliveryId }) => deliveryId) };
    while (!this.#stop.signal.aborted) {
      const answer = await ask(as, { method: 'POST', path: '/inbox/ack', body }, this.#stop.signal);
      if (answer === undefined) continue;
      for (const arrival of fetched) arrival.acceptedAt ??= Date.now();
      return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#polling);
  }
}
