/** Longest sleep (ms), whatever is asked for: timers beyond 2³¹ ms fire at once. */
const LONGEST_MS = 60_000;

/** A sleep that can be ended early: a bed with a bell beside it. */
export class Wake {
  #rung = false;
  #end: (() => void) | undefined;

  /** Ends the present wait, or the next one before it begins. */
  ring(): void {
    this.#rung = true;
    this.#end?.();
  }

  /** Resolves when the bell rings, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.max(ms, 0), LONGEST_MS));
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#end = undefined;
    this.#rung = false;
  }
}
