/** A database of a run, for one product or one bare pipeline. */
export interface BenchDatabase {
  /** DATABASE_URL. */
  readonly url: string;
  /** Makes it, where a process that starts cannot. */
  make(): Promise<void>;
  /** How many messages it has. */
  messages(): Promise<number>;
  /** Waits until these connections are owed nothing. */
  settled(connectionIds: readonly string[]): Promise<void>;
}

/**
 * Asserts that every message answered with 2xx is stored.
 * @throws Error when one is missing: then the figures mean nothing.
 */
export async function assertAccepted(database: BenchDatabase, accepted: number): Promise<void> {
  const stored = await database.messages();
  if (stored !== accepted) throw new Error(`${accepted} messages were accepted, but ${stored} are stored.`);
}
