import { styleText } from 'node:util';
import type { LogOutput } from '@mahilo/shared/observe/log-output';
import { prettyFactory } from 'pino-pretty';
import type { MemberLog } from './member-log.ts';

type Color = Parameters<typeof styleText>[0];
const COLORS: readonly Color[] = ['cyan', 'magenta', 'yellow', 'green', 'blue'];

/** Makes what several processes write readable in one place: their JSON log lines as text, each line with a name in front. */
export class ReadableLog implements MemberLog {
  readonly #output: LogOutput;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #readable: (line: string) => string;

  constructor(names: readonly string[], output: LogOutput) {
    const width = Math.max(...names.map((name) => name.length));
    this.#output = output;
    this.#labels = new Map(
      names.map((name, index) => [
        name,
        this.#paint(COLORS[index % COLORS.length], `${name.padEnd(width)} │`),
      ]),
    );
    this.#readable = prettyFactory({
      colorize: process.stdout.isTTY && process.stdout.hasColors(),
      translateTime: 'SYS:HH:MM:ss.l',
      ignore: 'pid,hostname,name',
      singleLine: true,
    });
  }

  line(name: string, line: string): void {
    const text = this.#readable(line).trimEnd();
    for (const part of text.split('\n')) this.#output.write(`${this.#labels.get(name)} ${part}\n`);
  }

  say(text: string): void {
    this.#output.write(`${text}\n`);
  }

  #paint(color: Color | undefined, text: string): string {
    return color ? styleText(color, text, { stream: process.stdout }) : text;
  }
}
