import { systemClock } from '@mahilo/shared/clock';
import type { Database, Safety } from '@mahilo/shared/db/database';
import { hearsNotifications } from '@mahilo/shared/db/postgres/hears-notifications';
import type { ServerOptions } from '@mahilo/shared/db/postgres/options';
import { ageOf } from '@mahilo/shared/db/schema-age';
import { type ServerFacts, serverFacts } from '../database/server-facts.ts';
import { bytes, count, span } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';
import { schemaAhead } from './schema-ahead.ts';

const { ok, note, problem } = findingsOf('database');

/** By more (ms) the clock of this host and that of the server are not both right. */
const CLOCK_MS = 1000;
/** A transaction that is open for longer (ms) keeps vacuum from its work. */
const LONG_MS = 60_000;
const MANY_DEAD_ROWS = 1_000_000;
const NEARLY_ALL = 0.8;

/** The PostgreSQL server that has the database. */
export async function examineServer(db: Database): Promise<Finding[]> {
  const facts = await serverFacts(db.kysely);
  const safety = await db.acceptedIsOn();
  const findings = [...durability(facts, safety), ...work(facts), ...clock(facts)];
  if ((await ageOf(db.kysely)) === 'ahead') findings.push(schemaAhead());
  const well = `PostgreSQL ${facts.version} answers, and has a schema for this version; the database takes ${bytes(facts.bytes)}.`;
  return [ok(well), ok(PROMISED[safety]), ...findings];
}

const PROMISED = {
  disk: 'What is accepted is on the disk of this server: it survives a crash, and not the loss of the server.',
  'disk and replica':
    'What is accepted is also on a synchronous replica: it survives the loss of the server.',
} as const satisfies Record<Safety, string>;

/** Whether processes hear of each other's commits at once, as the settings have it. */
export async function examineNotifications(url: string, options: ServerOptions): Promise<Finding[]> {
  if (await hearsNotifications(url, options)) return [];
  return [
    note(
      'Notifications do not arrive, as through a pooler: each step of a delivery waits up to half a second.',
      'Set DATABASE_LISTEN_URL to the URL of the server itself.',
    ),
  ];
}

function durability({ fsync, full_page_writes, ...server }: ServerFacts, safety: Safety): Finding[] {
  if (fsync === 'off' || full_page_writes === 'off') {
    return [
      problem(
        `${fsync === 'off' ? 'fsync' : 'full_page_writes'} is off: a crash of the server can damage or lose what was accepted.`,
        'Switch it on.',
      ),
    ];
  }
  if (safety === 'disk and replica') {
    if (server.replicas > 0) return [];
    return [
      problem(
        'A synchronous replica is wanted (synchronous_standby_names), and none is connected: nothing is accepted or delivered.',
        'Start it, or do without for the time being: empty synchronous_standby_names, and reload the server.',
      ),
    ];
  }
  if (server.replicas === 0) return [];
  return [
    note(
      `${count(server.replicas, 'replica')}, none of them synchronous: after a failover, messages that were accepted last can be gone.`,
      'synchronous_standby_names makes one synchronous (docs/deployment.md, "More than one host").',
    ),
  ];
}

function work(facts: ServerFacts): Finding[] {
  const findings: Finding[] = [];
  if (facts.connections >= NEARLY_ALL * facts.max_connections) {
    findings.push(
      problem(
        `${facts.connections} of ${facts.max_connections} connections are in use.`,
        'Raise max_connections, or have fewer processes: each has DATABASE_POOL, and three.',
      ),
    );
  }
  if (facts.autovacuum === 'off') {
    findings.push(problem('autovacuum is off: each delivery gets slower with time.', 'Switch it on.'));
  }
  if (facts.oldest_transaction_ms > LONG_MS) {
    findings.push(
      problem(
        `A transaction has been open for ${span(facts.oldest_transaction_ms)}: nothing can be vacuumed meanwhile, and each delivery gets slower.`,
        'A psql shell, a report or a pg_dump? pg_stat_activity names it; end it, and read from a replica.',
      ),
    );
  }
  if (facts.dead_rows > MANY_DEAD_ROWS) {
    findings.push(
      note(
        `A table has ${facts.dead_rows} dead rows: vacuum does not keep up.`,
        'Does something hold an old transaction? Else raise autovacuum_vacuum_cost_limit.',
      ),
    );
  }
  return findings;
}

function clock({ now }: ServerFacts): Finding[] {
  const off = Math.abs(now - systemClock.now());
  if (off <= CLOCK_MS) return [];
  return [
    note(
      `The server’s clock and that of this host differ by ${span(off)}.`,
      'Processes go by the server’s; signatures of callbacks as well. Keep both right with NTP.',
    ),
  ];
}
