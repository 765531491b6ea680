import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MahiloError } from '@mahilo/shared/errors';

/** Runs one of the operator's tools with `--json`. @returns what it answers. @throws MahiloError UNAVAILABLE */
export type OperatorTool = <Answer>(toolArguments: readonly string[], signal: AbortSignal) => Promise<Answer>;

const PROGRAM = '@mahilo/operator/main';
/** The longest run (ms). */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 4_194_304;

/**
 * In a process of its own. The doctor reads the database as a whole and its files one by one: here that would keep every
 * request waiting, and closing such a file would take SQLite's locks away (sqlite.org/howtocorrupt.html §2.2).
 */
export const runOperatorTool: OperatorTool = <Answer>(
  toolArguments: readonly string[],
  signal: AbortSignal,
) =>
  new Promise<Answer>((resolve, reject) => {
    const program = fileURLToPath(import.meta.resolve(PROGRAM));
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, signal };
    execFile(process.execPath, [program, ...toolArguments, '--json'], options, (error, stdout) => {
      const answer = parsed(stdout);
      // That all is not well is an answer, too (exit code 1).
      if (answer !== undefined) resolve(answer as Answer);
      else reject(unavailable(toolArguments[0], error));
    });
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unavailable(tool: string | undefined, cause: Error | null): MahiloError {
  return new MahiloError('UNAVAILABLE', `The tool ${tool} gave no answer; the log says why.`, {
    retryAfterSeconds: 30,
    cause,
  });
}
