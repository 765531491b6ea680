import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Parses the command line of a script. Answers `--help` and mistakes itself, and then ends the process. */
export function optionsOrExit<T extends ParseArgsConfig>(
  help: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    console.log(help);
    process.exit();
  }
  try {
    return parseArgs(config);
  } catch (error) {
    exitWithMistake(error instanceof Error ? error.message : String(error));
  }
}

export function exitWithMistake(sentence: string): never {
  console.error(`${sentence}\n--help shows what there is.`);
  process.exit(1);
}
