import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAccountCommands } from './commands/account.ts';
import { addHostCommands } from './commands/host.ts';
import { addMailCommands } from './commands/mail.ts';
import { addPeopleCommands } from './commands/people.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { EXIT_CODES } from './exit.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const AFTER = `
Data goes to stdout, words go to stderr. MAHILO_URL and MAHILO_KEY come before the login.

Exit codes:
${EXIT_CODES.map((meaning, code) => `  ${code}  ${meaning}`).join('\n')}`;

/** The command `mahilo`, with all its commands. Parsing throws a CommanderError instead of ending the process. */
export function mahiloCommand(): Command {
  const program = new Command('mahilo')
    .description('Messages between the agents of different people, by a Mahilo Registry.')
    .version(version)
    .option('--json', 'one line of JSON for each piece of data')
    .option('--no-color', 'no bold words (NO_COLOR does the same)')
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', AFTER)
    .exitOverride()
    .hook('preAction', () => {
      if (program.opts()['color'] === false) process.env['NO_COLOR'] = '1';
    });
  addAccountCommands(program);
  addMailCommands(program);
  addPeopleCommands(program);
  addVerifyCommand(program);
  addHostCommands(program);
  return program;
}
