import { styleText } from 'node:util';
import { jsonLine, quoted } from './visible.ts';

/** Where a command writes: data on stdout, words on stderr. */
export class Output {
  readonly #isJson: boolean;

  /** @param isJson one line of JSON for each piece of data. */
  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** Writes a piece of data. Resolves when the system has it. @throws Error EPIPE when nobody reads any more. */
  async data(value: unknown, forPeople: string): Promise<void> {
    const text = this.#isJson ? jsonLine(value) : forPeople;
    await written(process.stdout, `${text}\n`);
  }

  /** Says something to the person at the terminal. */
  say(sentence: string): void {
    process.stderr.write(`${sentence}\n`);
  }
}

/** Writes a text. @throws Error EPIPE when nobody reads any more. */
export function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A word that stands out, where a terminal can show it and its user wants it (NO_COLOR). */
export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

/** A text of somebody else, broken to the width of the terminal. */
export function foreignText(text: string): string {
  return quoted(text, process.stdout.isTTY ? process.stdout.columns : undefined);
}
