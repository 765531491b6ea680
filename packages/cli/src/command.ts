import { type Command, InvalidArgumentError } from 'commander';
import { Output } from './output.ts';

/** Adds a command whose help has an example. */
export function addCommand(parent: Command, usage: string, description: string, example: string): Command {
  return parent.command(usage).description(description).addHelpText('after', `\nExample:\n  $ ${example}`);
}

/** Where a command writes, as its options want it. */
export function outputOf(command: Command): Output {
  return new Output(command.optsWithGlobals<{ json?: boolean }>().json ?? false);
}

/** The parser of an option that is a whole number in a range. */
export function wholeNumber(min: number, max: number): (given: string) => number {
  return (given) => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    if (!(number >= min && number <= max))
      throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
    return number;
  };
}
