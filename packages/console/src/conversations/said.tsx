import { useState } from 'preact/hooks';
import type { Message } from '../api.ts';

/** Characters that are shown at first. */
const SHOWN = 2000;
const CIPHERTEXT = 'application/mahilo+ciphertext';

type Text = Pick<Message, 'message' | 'payload_type' | 'encryption' | 'erased_at'>;

/** Whether only its recipients can read it, as its sender says. */
export function isEncrypted({
  payload_type,
  encryption,
}: Pick<Text, 'payload_type' | 'encryption'>): boolean {
  return encryption !== undefined || payload_type.toLowerCase() === CIPHERTEXT;
}

/** What a message says; of one that is encrypted or erased, that it is. */
export function Said({ message }: { message: Text }) {
  const [isWhole, setWhole] = useState(false);
  const { message: text, encryption, erased_at } = message;
  if (erased_at !== undefined) return <p class="said fine">Its sender has erased it.</p>;
  if (isEncrypted(message)) {
    return (
      <p class="said fine">
        Encrypted from end to end: {bytesOf(text).toLocaleString('en')} bytes
        {encryption?.key_id !== undefined && (
          <>
            , for the key <bdi class="text">{shortened(encryption.key_id)}</bdi>
          </>
        )}
        . Only its recipients can read it.
      </p>
    );
  }
  const isLong = text.length > SHOWN;
  return (
    <>
      {/* The text says itself in which direction it is read. */}
      <p class="said" dir="auto">
        {isLong && !isWhole ? `${text.slice(0, SHOWN)}…`.toWellFormed() : text}
      </p>
      {isLong && (
        <button type="button" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all (${bytesOf(text).toLocaleString('en')} bytes)`}
        </button>
      )}
    </>
  );
}

const ENCODER = new TextEncoder();

function bytesOf(text: string): number {
  return ENCODER.encode(text).length;
}

/** Long ids are told apart by their ends. */
function shortened(id: string): string {
  return id.length > 20 ? `${id.slice(0, 8)}…${id.slice(-8)}`.toWellFormed() : id;
}
