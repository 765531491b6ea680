/** Longest sleep (ms), whatever the caller asks for: timers beyond 2³¹ ms fire at once. */
const LONGEST_MS = 60_000;

/** An interruptible sleep. */
export class Notifier {
  #notified = false;
  #end: (() => void) | undefined;

  /** Ends the current wait, or the next one before it begins. */
  notify(): void {
    this.#notified = true;
    this.#end?.();
  }

  /** Resolves when notified, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#notified) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.max(ms, 0), LONGEST_MS));
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#end = undefined;
    this.#notified = false;
  }
}
