import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { wholeNumber } from './context.ts';

/** What a tool does with one kind of thing; `given` is what the command line names it by. */
interface Actions {
  list(limit: number, asJson: boolean): Promise<void>;
  show(given: string, asJson: boolean): Promise<void>;
  remove(given: string, isConfirmed: boolean, asJson: boolean): Promise<void>;
}

/** A tool with the actions list, show and remove; `name` is what its help calls the thing that the last two take. */
export function listShowRemove(help: string, name: string, { list, show, remove }: Actions): Command {
  const usage = `Say list, show ${name} or remove ${name}.`;
  return async (commandArguments) => {
    const { values, positionals } = optionsOrExit(help, {
      args: commandArguments,
      options: {
        json: { type: 'boolean', default: false },
        limit: { type: 'string', default: '50' },
        yes: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const [action = '', given, ...others] = positionals;
    if (others.length > 0) exitWithMistake(usage);
    if (action === 'list' && given === undefined)
      await list(wholeNumber('--limit', values.limit), values.json);
    else if (action === 'show' && given !== undefined) await show(given, values.json);
    else if (action === 'remove' && given !== undefined) await remove(given, values.yes, values.json);
    else exitWithMistake(usage);
    return 0;
  };
}
