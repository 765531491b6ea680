import { existsSync } from 'node:fs';
import { processEnvironment } from '@mahilo/shared/config/load';
import type { Database } from '@mahilo/shared/db/database';
import { openExisting } from '@mahilo/shared/db/open';
import { errorText } from '@mahilo/shared/errors';
import { isPostgresUrl } from '@mahilo/shared/postgres-url';
import type { Command } from './command.ts';
import { optionsOrExit } from './command-line.ts';
import { databaseOptions, databaseUrl } from './context.ts';
import { examineBackups } from './doctor/backups.ts';
import { examineBounds } from './doctor/bounds.ts';
import { examineClock } from './doctor/clock.ts';
import { examineDatabase } from './doctor/database.ts';
import { examineDns } from './doctor/dns.ts';
import { examineFiles } from './doctor/files.ts';
import { type Finding, findingsOf, type Patience, type Patient } from './doctor/finding.ts';
import { examineLog } from './doctor/log.ts';
import { examineQueue, FRESH_MS } from './doctor/queue.ts';
import { examineRoom } from './doctor/room.ts';
import { examineSecret } from './doctor/secret.ts';
import { examineNotifications, examineServer } from './doctor/server.ts';
import { examineSettings } from './doctor/settings.ts';
import { answer } from './output.ts';

const HELP = `Looks for what is wrong with this registry, and says what to do: npm run admin -- doctor [option…]

  --full   Also reads the whole database, however large, and tries every callback secret. Disturbs nobody; the WAL grows
           meanwhile.
  --json   Answers for machines.
  --help   Shows this.

It looks at the settings, the files and their owner, the disk, the database, whether SECRET_KEY belongs to it, the clock, the
log, the names of callback URLs, the workers, the queue and the bounds, and changes none of it. Run it as the user of the processes and with
their settings; with the METRICS_PORT of the API it also sees what the API has in memory. Exit code 0: there is no problem (notes
are none); 1: there is.`;

const LEVELS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const;

const PATIENCE: Patience = { writeLockMs: 5000, heartbeatMs: FRESH_MS, exchangeMs: 10_000 };

/** The tool; tests are less patient. */
export function doctor(differences: Partial<Patience> = {}): Command {
  const patience = { ...PATIENCE, ...differences };
  return async (commandArguments) => {
    const { values } = optionsOrExit(HELP, {
      args: commandArguments,
      options: { full: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
    const findings = await examine(values.full, patience);
    const problems = findings.filter(({ level }) => level === 'problem').length;
    answer(values.json, { ok: problems === 0, findings }, () => findings.map(text).join('\n'));
    return problems === 0 ? 0 : 1;
  };
}

export const command: Command = doctor();

/** Makes every check that is possible, whatever the others found. */
async function examine(isFull: boolean, patience: Patience): Promise<Finding[]> {
  const { settings, findings } = examineSettings();
  const database = databaseOrUndefined();
  if (database === undefined) return findings;
  const isProduction = processEnvironment()['NODE_ENV'] === 'production';
  const patient: Patient = { settings, isProduction, database, isFull, patience };
  const isFile = !isPostgresUrl(database);
  if (isFile) findings.push(...(await ofFile(patient)));
  const db = await opened(patient.database, (finding) => findings.push(finding));
  try {
    if (db !== undefined && !isFile) {
      findings.push(...(await safely('database', () => examineServer(db))));
      findings.push(...(await safely('database', () => examineNotifications(database, databaseOptions()))));
    }
    const notes = db?.notes ?? database;
    findings.push(...(await safely('log', () => examineLog(notes))));
    if (db !== undefined) findings.push(...(await safely('secret', () => examineSecret(db, patient))));
    findings.push(...(await safely('clock', () => examineClock(db, notes))));
    findings.push(...(await safely('dns', () => examineDns(db, patient))));
    if (db !== undefined) {
      findings.push(...(await safely('queue', () => examineQueue(db, patient))));
      findings.push(...(await safely('bounds', () => examineBounds(db, settings))));
    }
    findings.push(...(await safely('bounds', () => examineRoom(settings))));
  } finally {
    await db?.close();
  }
  return findings;
}

async function ofFile(patient: Patient): Promise<Finding[]> {
  return [
    ...(await safely('files', () => examineFiles(patient))),
    ...(await safely('database', () => examineDatabase(patient))),
    ...(await safely('backups', () => examineBackups(patient))),
  ];
}

/** Undefined when DATABASE_URL is wrong; the check of the settings reports that. */
function databaseOrUndefined(): string | undefined {
  try {
    return databaseUrl();
  } catch {
    return undefined;
  }
}

/** Undefined when the database cannot be used; of a file the check of the database reports that. */
async function opened(database: string, report: (finding: Finding) => void): Promise<Database | undefined> {
  if (!isPostgresUrl(database)) {
    return existsSync(database) ? openExisting(database).catch(() => undefined) : undefined;
  }
  const opening = (async () => openExisting(database, databaseOptions()))();
  return opening.catch((error: unknown) => {
    const advice = 'Nothing is accepted or delivered meanwhile (docs/deployment.md, "More than one host").';
    report(findingsOf('database').problem(errorText(error), advice));
    return undefined;
  });
}

async function safely(check: string, examineIt: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await examineIt();
  } catch (error) {
    return [
      findingsOf(check).problem(
        `This could not be looked at: ${errorText(error)}`,
        'The other findings may say why.',
      ),
    ];
  }
}

function text({ check, level, finding, advice }: Finding): string {
  const line = `${LEVELS[level]}  ${check.padEnd(8)}  ${finding}`;
  return advice === undefined ? line : `${line}\n${' '.repeat(19)}→ ${advice}`;
}
