import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line of a script. `--help` and mistakes are answered here, and end the process. */
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
