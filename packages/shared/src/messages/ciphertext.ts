/** With this type only the recipients can read a message. */
const CIPHERTEXT = 'application/mahilo+ciphertext';

/** What is said of a message that is encrypted, under the names of requests or of columns. */
interface Described {
  payload_type?: string | null | undefined;
  encryption?: object | undefined;
  encryption_json?: string | null;
}

/** Whether a message is encrypted from end to end, as its sender says by its type, or by telling how. */
export function isCiphertext({ payload_type, encryption, encryption_json }: Described): boolean {
  return (encryption ?? encryption_json ?? null) !== null || payload_type?.toLowerCase() === CIPHERTEXT;
}
