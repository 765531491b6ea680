const BYTES_PER_GROUP = 5;
const GROUPS = 12;

/**
 * 60 digits that two people compare over another channel: the same on both sides if each has the keys of the other.
 * @param one thumbprints of the keys of one side.
 * @param other thumbprints of the keys of the other side.
 */
export async function safetyNumber(one: readonly string[], other: readonly string[]): Promise<string> {
  const sides = [one, other].map((thumbprints) => [...thumbprints].sort().join(' ')).sort();
  const text = new TextEncoder().encode(`mahilo safety number 1\n${sides.join('\n')}\n`);
  const hash = new DataView(await crypto.subtle.digest('SHA-512', text));
  const groups = Array.from({ length: GROUPS }, (_, i) => {
    const at = i * BYTES_PER_GROUP;
    const number = hash.getUint32(at) * 256 + hash.getUint8(at + 4);
    return String(number % 100_000).padStart(5, '0');
  });
  return groups.join(' ');
}
