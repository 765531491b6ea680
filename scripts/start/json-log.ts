import { createLogger } from '@mahilo/shared/observe/log';
import type { LogOutput } from '@mahilo/shared/observe/log-output';
import type { MemberLog } from './member-log.ts';

/** Passes on what processes write as it is; what is said beside it becomes a JSON line, too. */
export class JsonLog implements MemberLog {
  readonly #own: ReturnType<typeof createLogger>;
  readonly #output: LogOutput;

  constructor(level: string, output: LogOutput) {
    this.#own = createLogger('start', level, output);
    this.#output = output;
  }

  line(_name: string, line: string): void {
    this.#output.write(`${line}\n`);
  }

  say(text: string): void {
    this.#own.info(text.trim().replaceAll(/\s*\n\s*/g, ' '));
  }
}
