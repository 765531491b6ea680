import { MahiloError } from '@mahilo/client';
import { CommanderError } from 'commander';
import { visible } from './visible.ts';

/** What a script can tell by the exit code. */
export const EXIT = { done: 0, refused: 1, usage: 2, notLoggedIn: 3, unreachable: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For people: what each exit code means, in the order of the codes. */
export const EXIT_CODES: readonly string[] = [
  'Done.',
  'Refused; the code is printed, as in NOT_FRIENDS: ….',
  'The command is not written like that.',
  'Not logged in, or the key is not valid.',
  'The registry does not answer.',
];

/** Why a command ends, in a sentence for its user. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const usageError = (sentence: string) => new CommandError(EXIT.usage, sentence);
export const notLoggedIn = (sentence: string) => new CommandError(EXIT.notLoggedIn, sentence);

interface Ending {
  exitCode: ExitCode;
  /** What is said on stderr; undefined: nothing. */
  sentence: string | undefined;
}

/** How a command ends that threw this. */
export function endingOf(error: unknown): Ending {
  if (error instanceof CommandError) return { exitCode: error.exitCode, sentence: error.message };
  // Commander has said it.
  if (error instanceof CommanderError)
    return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage, sentence: undefined };
  if (error instanceof MahiloError) return { exitCode: exitCodeOf(error), sentence: sentenceOf(error) };
  // Whoever read the output has seen enough, as `head` does.
  if (isBrokenPipe(error)) return { exitCode: EXIT.done, sentence: undefined };
  return { exitCode: EXIT.refused, sentence: `UNEXPECTED: ${visible(String(error))}` };
}

function exitCodeOf({ code }: MahiloError): ExitCode {
  if (code === 'UNREACHABLE' || code === 'UNEXPECTED_ANSWER') return EXIT.unreachable;
  return code === 'UNAUTHORIZED' ? EXIT.notLoggedIn : EXIT.refused;
}

function sentenceOf({ code, message, details, retryAfterMs }: MahiloError): string {
  const lines = [`${code}: ${message}`];
  for (const { path, message: mistake } of details) lines.push(`  ${path}: ${mistake}`);
  if (retryAfterMs !== undefined) lines.push(`  Try again in ${Math.ceil(retryAfterMs / 1000)} s.`);
  if (code === 'KEY_CHANGED')
    lines.push('  `mahilo verify WHO` shows the digits to compare, and with --accept takes the keys.');
  if (code === 'KEYS_ELSEWHERE')
    lines.push(
      '  Copy them, or `mahilo login --new-keys` makes new ones, which your friends have to accept.',
    );
  if (code === 'UNAUTHORIZED') lines.push('  `mahilo login` takes another key.');
  return lines.map(visible).join('\n');
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
