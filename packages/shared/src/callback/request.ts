import { type CallbackRow, callbackBody } from './body.ts';
import { openclawBody } from './openclaw.ts';
import { type SignatureInput, signatureHeaders } from './sign.ts';

export interface CallbackOptions extends Omit<SignatureInput, 'body'> {
  /** 1-based. */
  attempt: number;
  format: 'openclaw' | null;
  /** Headers that the receiver wants beside. */
  ownHeaders: Readonly<Record<string, string>>;
}

/** The callback that brings a message: what is to be posted. */
export function callbackRequest(
  row: CallbackRow,
  { attempt, format, ownHeaders, ...signed }: CallbackOptions,
): { headers: Record<string, string>; body: Buffer } {
  const body = Buffer.from(format === 'openclaw' ? openclawBody(row) : callbackBody(row));
  const headers = {
    // The receiver's own first: they were refused where they have a name of ours.
    ...ownHeaders,
    'Content-Type': 'application/json',
    ...signatureHeaders({ ...signed, body }),
    'X-Mahilo-Message-Id': row.message_id,
    'X-Mahilo-Delivery-Id': row.id,
    'X-Mahilo-Attempt': String(attempt),
    ...(row.group_id !== null && { 'X-Mahilo-Group-Id': row.group_id }),
  };
  return { headers, body };
}
