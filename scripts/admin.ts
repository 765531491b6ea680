import { ConfigError, EXIT_CODE_CONFIG } from '../packages/shared/src/config/load.ts';
import { errorText } from '../packages/shared/src/errors.ts';
import type { Command } from './admin/command.ts';
import { exitWithMistake } from './process/options.ts';

// Imports by path, here and in everything below: in the images no package is installed beside the scripts, but those of
// packages/ are. And each tool only when it is asked for, since an image holds one of api and worker.
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  doctor: () => import('./admin/doctor.ts'),
  backup: () => import('./admin/backup.ts'),
  restore: () => import('./admin/restore.ts'),
  queue: () => import('./admin/queue.ts'),
  secret: () => import('./admin/secret.ts'),
  users: () => import('./admin/users.ts'),
};

const HELP = `The operator's tools: npm run admin -- <tool> [option…]

  doctor    Looks for what is wrong, and says what to do.
  backup    Makes a checked copy of the database while the processes run.
  restore   Checks a backup, and puts it in the place of the database.
  queue     Shows what is owed to whom, and requeues dead letters.
  secret    Makes a secret key, and tells how far a change of SECRET_KEY is.
  users     Lists, creates, disables and enables users, and gives them new API keys.
  --help    Shows this; after a tool, what the tool can do.

Every tool reads the settings of the processes from the environment, may be run while they run, and with --json answers
for machines. Exit codes: 0 all is well, 1 it is not (or could not be done), 78 a setting is wrong.
Where only the product is installed: node scripts/admin.ts <tool> [option…]`;

async function main([name = '', ...commandArguments]: string[]): Promise<number> {
  if (name === '--help' || name === '') {
    console.log(HELP);
    return name === '' ? 1 : 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) exitWithMistake(`There is no tool "${name}".`);
  const { command } = await load();
  return command(commandArguments);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(errorText(error));
  process.exitCode = error instanceof ConfigError ? EXIT_CODE_CONFIG : 1;
}
