import { exitCodeFor } from '@mahilo/shared/config/load';
import { errorText } from '@mahilo/shared/errors';
import type { Command } from './command.ts';
import { exitWithMistake } from './command-line.ts';
import { printableLines } from './output.ts';

// Loads each tool only when it is called, so that it starts faster.
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  doctor: () => import('./doctor.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  restored: () => import('./restored.ts'),
  move: () => import('./move.ts'),
  queue: () => import('./queue.ts'),
  secret: () => import('./secret.ts'),
  users: () => import('./users.ts'),
  invites: () => import('./invites.ts'),
  groups: () => import('./groups.ts'),
  messages: () => import('./messages.ts'),
  audit: () => import('./audit.ts'),
};

const HELP = `The operator's tools: npm run admin -- <tool> [option…]

  doctor    Looks for what is wrong, and says what to do.
  backup    Makes a checked copy of the database while the processes run.
  restore   Checks a backup, and puts it in the place of the database.
  restored  Tells that PostgreSQL's own programs have restored the database.
  move      Moves the registry from SQLite to PostgreSQL, or back.
  queue     Shows what is owed to whom, and requeues dead letters.
  secret    Makes a secret key, and tells how far a change of SECRET_KEY is.
  users     Lists, creates, disables, enables and removes users, and gives them new API keys.
  invites   Makes, lists and revokes invites, which people need to register where REGISTRATION is invite.
  groups    Lists groups by size, and removes them.
  messages  Lists messages by size, without what they say, and removes them.
  audit     Tells who did what to keys, accounts, groups and messages.
  --help    Shows this; after a tool, what the tool can do.

Every tool reads the settings of the processes from the environment, may be run while they run, and with --json answers
for machines. Exit codes: 0 all is well, 1 it is not (or could not be done), 78 a setting or the database is wrong.
Where only the product is installed: node scripts/admin.ts <tool> [option…]`;

/**
 * Runs the tool that the arguments name.
 * @returns the exit code: 0 all is well, 1 it is not, 78 a setting is wrong.
 */
export async function runTool(toolArguments: readonly string[]): Promise<number> {
  try {
    return await run(toolArguments);
  } catch (error) {
    console.error(printableLines(errorText(error)));
    return exitCodeFor(error);
  }
}

async function run([name = '', ...commandArguments]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '') {
    console.log(HELP);
    return name === '' ? 1 : 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) exitWithMistake(`There is no tool "${name}".`);
  const { command } = await load();
  return command(commandArguments);
}
