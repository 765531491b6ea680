import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseUrl, wholeNumber, withDatabase } from './context.ts';
import { listDestinations } from './queue/list.ts';
import { requeueAndTell } from './queue/requeue-dead-letters.ts';
import { showOne } from './queue/show.ts';
import { sinceTime } from './queue/since-option.ts';

const HELP = `What the registry owes to whom: npm run admin -- queue <action> [option…]

  list               Agents that something is owed to, or that have dead letters, those with the most first.
    --limit N          At most N of them (20).
    --user NAME        Only this user's.
  show ID            A connection (conn_…) with its deliveries, a delivery (dlv_…) with its attempts, or a message (msg_…)
                     with its deliveries. Never what a message says.
    --limit N          At most N deliveries or attempts (20).
  requeue            Gives dead letters a fresh cycle of attempts, due at once, in small batches.
    --connection ID    Those of this agent,
    --all              or of all agents.
    --since TIME       Only messages accepted since then: 2026-01-27, 2026-01-27T12:00:00Z, or 90min, 12h, 7d ago.
    --dry-run          Only counts them.
  --json             Answers for machines.
  --help             Shows this.

Counts stop at 10000 for each agent, so that a look costs little however long the queue is.`;

export const command: Command = async (commandArguments) => {
  const { values, positionals } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      json: { type: 'boolean', default: false },
      limit: { type: 'string', default: '20' },
      user: { type: 'string' },
      connection: { type: 'string' },
      all: { type: 'boolean', default: false },
      since: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [action = '', id, ...others] = positionals;
  const limit = wholeNumber('--limit', values.limit);
  const { json } = values;
  if (others.length > 0 || (action !== 'show' && id !== undefined)) exitWithMistake('That is too much.');
  if (action === 'list') {
    const filter = { limit, username: values.user?.toLowerCase() };
    return withDatabase(databaseUrl(), (db) => listDestinations(db.kysely, filter, json));
  }
  if (action === 'show') {
    if (id === undefined) exitWithMistake('show needs exactly one ID.');
    return withDatabase(databaseUrl(), (db) => showOne(db.kysely, id, limit, json));
  }
  if (action !== 'requeue') exitWithMistake(`There is no action "${action}".`);
  if (values.all === (values.connection !== undefined))
    exitWithMistake('Give either --connection ID or --all.');
  const filter = {
    connectionId: values.connection,
    since: sinceTime(values.since),
  };
  return withDatabase(databaseUrl(), (db) => requeueAndTell(db, filter, values['dry-run'], json));
};
