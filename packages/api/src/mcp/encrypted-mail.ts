import { callbackBody } from '@mahilo/shared/callback/body';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { DeliveryDetails } from '@mahilo/shared/outbox/lease';

/** Hosts show `_meta` to programs between them and the server, and not to models. */
const META = 'mahilo/encrypted';

const HOW_TO_READ =
  'The message is encrypted from end to end, and the registry cannot read it. The command `mahilo mcp`, in place of this URL, reads it with the keys of this mailbox, and so does `mahilo inbox` at a terminal. What you send with the tools of this server is not encrypted.';

/** What a model is shown of a text: a ciphertext tells it nothing, and is long. */
export function shownToModel<Shown extends { message: string }>(
  shown: Shown,
  isEncrypted: boolean,
): Shown | (Omit<Shown, 'message'> & { encrypted: true; how_to_read: string }) {
  if (!isEncrypted) return shown;
  const { message: _, ...rest } = shown;
  return { ...rest, encrypted: true, how_to_read: HOW_TO_READ };
}

/** The encrypted ones of fetched messages, as callbacks have them, for a program that can read them. */
export function encryptedBeside(fetched: readonly DeliveryDetails[]): { _meta?: Record<string, unknown> } {
  const bodies = fetched.filter(isCiphertext).map((delivery) => JSON.parse(callbackBody(delivery)));
  return bodies.length === 0 ? {} : { _meta: { [META]: bodies } };
}
