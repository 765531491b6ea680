const MAX_EXCERPT_BYTES = 1024;

const decoder = new TextDecoder('utf-8');
const encoder = new TextEncoder();

/**
 * The beginning of a body as text for a person, at most 1 KiB of UTF-8; null when there is none, or when it is
 * compressed (the registry decompresses nothing, since it could be a decompression bomb).
 */
export function excerptOf(chunks: readonly Buffer[], contentEncoding: string | undefined): string | null {
  if (chunks.length === 0 || (contentEncoding !== undefined && contentEncoding !== 'identity')) return null;
  const start = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  // PostgreSQL's text type cannot hold NUL.
  const text = decoder.decode(start?.subarray(0, MAX_EXCERPT_BYTES + 3)).replaceAll('\0', '\uFFFD');
  const bounded = new Uint8Array(MAX_EXCERPT_BYTES);
  // Ends before a character that does not fit.
  const { written } = encoder.encodeInto(text, bounded);
  return decoder.decode(bounded.subarray(0, written));
}
