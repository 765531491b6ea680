import { isoTime } from '@mahilo/shared/clock';
import { auditSince } from './audit-trail.ts';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseUrl, wholeNumber, withDatabase } from './context.ts';
import { answer, table } from './output.ts';
import { sinceTime } from './queue/since-option.ts';

const HELP = `Who did what to keys, accounts, groups and messages: npm run admin -- audit list [option…]

  list              The oldest first.
    --since TIME      Only from then on: a time such as 2026-01-27T12:00:00Z, or 90min, 12h, 7d ago.
    --limit N         At most N lines (1000).
    --after N         Only lines after this one, for the next page.
  --json            Answers for machines.
  --help            Shows this.

The trail is append-only. It is kept for RETENTION_DAYS, at least a year; with RETENTION_DAYS=0 for ever.`;

export const command: Command = async (commandArguments) => {
  const { values, positionals } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      json: { type: 'boolean', default: false },
      since: { type: 'string' },
      limit: { type: 'string', default: '1000' },
      after: { type: 'string', default: '0' },
    },
    allowPositionals: true,
  });
  if (positionals.join(' ') !== 'list') exitWithMistake('Say list.');
  const after = values.after === '0' ? 0 : wholeNumber('--after', values.after);
  const limit = wholeNumber('--limit', values.limit);
  const since = sinceTime(values.since);
  const lines = await withDatabase(databaseUrl(), (db) => auditSince(db.kysely, { after, since, limit }));
  const shown = lines.map(({ details_json, created_at, username: _, ...line }) => ({
    ...line,
    created_at: isoTime(created_at),
    details: details_json === null ? null : JSON.parse(details_json),
  }));
  answer(values.json, shown, () => {
    const rows = shown.map((line) => [
      line.id,
      line.created_at,
      line.actor_type === 'operator' ? `operator ${line.actor}` : line.actor,
      line.action,
      line.subject,
      line.details === null ? '' : JSON.stringify(line.details),
    ]);
    const page = table(['Line', 'When', 'Who', 'What', 'To', 'Details'], rows);
    return shown.length < limit ? page : `${page}\n\nThere may be more: --after ${shown.at(-1)?.id}`;
  });
  return 0;
};
