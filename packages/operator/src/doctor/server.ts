import { systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { type ServerFacts, serverFacts } from '../database/server-facts.ts';
import { bytes, count, span } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';

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
  const findings = [...durability(facts), ...work(facts), ...clock(facts)];
  const well = `PostgreSQL ${facts.version} answers, and has the schema of this version; the database takes ${bytes(facts.bytes)}.`;
  return [ok(well), ...findings];
}

function durability({ fsync, full_page_writes, ...server }: ServerFacts): Finding[] {
  if (fsync === 'off' || full_page_writes === 'off') {
    return [
      problem(
        `${fsync === 'off' ? 'fsync' : 'full_page_writes'} is off: a crash of the server can damage or lose what was accepted.`,
        'Switch it on.',
      ),
    ];
  }
  if (server.replicas === 0 || server.synchronous_standby_names !== '') return [];
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
        'Raise max_connections, or have fewer processes: each has up to six.',
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
