/** The demo cannot go on; the message is one sentence for the person who watches. */
export class DemoError extends Error {
  override name = 'DemoError';
}
