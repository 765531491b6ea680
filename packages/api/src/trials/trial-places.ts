import { quotaExceeded, TRIALS } from '@mahilo/shared/bounds/bounds';
import { MahiloError } from '@mahilo/shared/errors';

/** When to try again (s). */
const RETRY_AFTER_S = 2;

/** The trials that go on in this process: a few of a user, and some in all. Each keeps messages in memory while it waits. */
export class TrialPlaces {
  readonly #goingOn = new Map<string, number>();
  #all = 0;

  /** A place until it is disposed of. @throws MahiloError QUOTA_EXCEEDED, UNAVAILABLE */
  take(userId: string): Disposable {
    const ofUser = this.#goingOn.get(userId) ?? 0;
    if (ofUser >= TRIALS.perUser) throw quotaExceeded('trials_per_user', TRIALS.perUser, RETRY_AFTER_S);
    if (this.#all >= TRIALS.all) {
      throw new MahiloError('UNAVAILABLE', 'Others try policies just now; try again soon.', {
        retryAfterSeconds: RETRY_AFTER_S,
      });
    }
    this.#add(userId, 1);
    return { [Symbol.dispose]: () => this.#add(userId, -1) };
  }

  #add(userId: string, change: 1 | -1): void {
    const ofUser = (this.#goingOn.get(userId) ?? 0) + change;
    if (ofUser > 0) this.#goingOn.set(userId, ofUser);
    else this.#goingOn.delete(userId);
    this.#all += change;
  }
}
