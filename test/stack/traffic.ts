import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';

const PAUSE_MS = 20;
const AGAIN_MS = 200;

/** Sends one message after the other, each until it is accepted, as a sender who means it would. */
export class Traffic {
  readonly accepted: string[] = [];
  readonly #from: Client;
  readonly #to: Client;
  readonly #run: string;
  #isStopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(from: Client, to: Client, run: string) {
    this.#from = from;
    this.#to = to;
    this.#run = run;
  }

  start(): void {
    this.#isStopped = false;
    this.#ended = this.#sendAll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  /** Waits until so many more messages were accepted. */
  async more(count: number): Promise<void> {
    const goal = this.accepted.length + count;
    await eventually(() => this.accepted.length >= goal, 60_000);
  }

  async #sendAll(): Promise<void> {
    while (!this.#isStopped) {
      this.accepted.push(await this.#sendOne(`${this.#run}-${this.accepted.length + 1}`));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** The same idempotency key each time: what was accepted although nobody heard the answer is not sent twice. */
  async #sendOne(key: string): Promise<string> {
    for (;;) {
      try {
        const { message_id: id } = await this.#from.send(this.#to, key, { idempotency_key: key });
        return id;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }
}
