/** Together with its number as long as a short paragraph. */
const TEXT = 'All that an agent says to another is text like this, and most of it is short. '.repeat(3);

/** The text of message `n`, by which the receiver tells messages apart. */
export function messageText(n: number): string {
  return `#${n}# ${TEXT}`;
}
