import { isoTime } from '@mahilo/shared/clock';
import { statement } from '@mahilo/shared/db/statement';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseFile, wholeNumber, withDatabase } from './context.ts';
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
  const lines = await withDatabase(databaseFile(), async (db) => {
    const [first] = await firstSince(db.kysely, since);
    return first === undefined ? [] : linesFrom(db.kysely, Math.max(first.id, after + 1), since, limit);
  });
  const shown = lines.map(({ details_json, created_at, ...line }) => ({
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

interface AuditLine {
  id: number;
  created_at: number;
  actor_type: 'user' | 'operator';
  actor: string;
  action: string;
  subject: string;
  details_json: string | null;
}

/** The first line that may be of that time (ms) or later. Uses audit_by_time. */
const firstSince = statement<[since: number], { id: number }>(`
  select id from audit where created_at >= ? order by created_at, id limit 1`);

/** Lines in the order in which they were written: a clock may have run backwards. Uses the primary key. */
const linesFrom = statement<[from: number, since: number, limit: number], AuditLine>(`
  select id, created_at, actor_type, actor, action, subject, details_json from audit
  where id >= ? and created_at >= ? order by id limit ?`);
