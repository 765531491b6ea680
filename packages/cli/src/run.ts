import { EXIT, type ExitCode, endingOf } from './exit.ts';
import { mahiloCommand } from './program.ts';

/** Runs the command that the arguments of this process name, and says on stderr why it failed. @returns its exit code. */
export async function runCommand(): Promise<ExitCode> {
  try {
    await mahiloCommand().parseAsync();
    return EXIT.done;
  } catch (error) {
    const { exitCode, sentence } = endingOf(error);
    if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
    return exitCode;
  }
}
