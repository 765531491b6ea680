/** Where private keys, and the keys of others that were seen, are kept. */
export interface KeyStore {
  /**
   * Gives `change` what is kept, and keeps what it returns, as one step: nobody reads or writes in between. What is kept
   * is a text that is nobody else's business; it holds private keys.
   * @param change gets undefined when nothing is kept yet, and returns undefined when nothing is to change.
   */
  update(change: (kept: string | undefined) => string | undefined): Promise<void>;
}
