import { createLogger } from '@mahilo/shared/observe/log';
import type { MemberLog } from './member-log.ts';

/** Passes on what processes write as it is; what is said beside it becomes a JSON line, too. */
export class JsonLog implements MemberLog {
  readonly #own: ReturnType<typeof createLogger>;
  readonly #output: NodeJS.WritableStream;

  constructor(level: string, output: NodeJS.WritableStream) {
    this.#own = createLogger('start', level);
    this.#output = output;
  }

  line(_name: string, line: string): void {
    this.#output.write(`${line}\n`);
  }

  say(text: string): void {
    this.#own.info(text.trim().replaceAll(/\s*\n\s*/g, ' '));
  }
}
