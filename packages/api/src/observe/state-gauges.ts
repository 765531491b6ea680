import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@mahilo/shared/clock';
import { freeBytesAt } from '@mahilo/shared/db/free-bytes';
import { lastBackupAt } from '@mahilo/shared/db/last-backup';
import type { Database } from '@mahilo/shared/db/open';
import { walBytes } from '@mahilo/shared/db/sqlite/wal-bytes';
import { WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import { Gauge, type Registry } from 'prom-client';
import {
  countInState,
  countPausedLanes,
  countWorkers,
  firstReadyAt,
  MAX_LANES_COUNTED,
  MAX_ROWS_COUNTED,
  oldestDueAt,
} from './queue-state.ts';

interface StateGauge {
  name: string;
  help: string;
  read(): Promise<number>;
}

/**
 * Gauges of what all processes share (queue, workers, files), read at each scrape. Only the API has them, so that
 * many workers do not multiply them. Leaves out what cannot be read.
 */
export function registerStateGauges(registry: Registry, db: Database, clock: Clock): void {
  for (const { name, help, read } of [...queueGauges(db, clock), ...fileGauges(db.file, clock)]) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        await read().then(
          (value) => this.set(value),
          () => this.remove(),
        );
      },
    });
  }
}

function queueGauges({ kysely }: Database, clock: Clock): StateGauge[] {
  const ageSeconds = (since: number | undefined) =>
    since === undefined ? 0 : Math.max(0, clock.now() - since) / 1000;
  const rows = `counted up to ${MAX_ROWS_COUNTED}`;
  const lanes = `of the first ${MAX_LANES_COUNTED} agents`;
  return [
    {
      name: 'mahilo_queue_depth',
      help: `Deliveries that wait, also for polling and suspended agents; ${rows}.`,
      read: () => countInState(kysely, 'pending'),
    },
    {
      name: 'mahilo_leases',
      help: `Deliveries that a worker or a polling agent has in hand; ${rows}.`,
      read: () => countInState(kysely, 'leased'),
    },
    {
      name: 'mahilo_dead_letters',
      help: `Failed deliveries that nobody has resent; ${rows}.`,
      read: () => countInState(kysely, 'failed'),
    },
    {
      name: 'mahilo_queue_unserved_seconds',
      help: 'How long the agent whose turn it is has waited for a worker: far above 0 when workers are missing or too slow.',
      read: async () => ageSeconds(await firstReadyAt(kysely)),
    },
    {
      name: 'mahilo_queue_oldest_due_age_seconds',
      help: `How long the oldest delivery has been due, ${lanes}; also behind an agent that is slow or failing.`,
      read: async () => ageSeconds(await oldestDueAt(kysely)),
    },
    {
      name: 'mahilo_lanes_broken',
      help: `Failing agents that the circuit breaker holds back at the moment, ${lanes}.`,
      read: () => countPausedLanes(kysely, clock.now()),
    },
    {
      name: 'mahilo_workers_live',
      help: `Workers that were heard of in the last ${WORKER_GONE_AFTER_MS / 1000} s.`,
      read: () => countWorkers(kysely, clock.now() - WORKER_GONE_AFTER_MS),
    },
  ];
}

/** `stat` and `statfs` open no file, so SQLite's locks stay (sqlite.org/howtocorrupt.html §2.2). */
function fileGauges(file: string, clock: Clock): StateGauge[] {
  return [
    {
      name: 'mahilo_database_size_bytes',
      help: 'Size of the database file.',
      read: async () => (await stat(file)).size,
    },
    {
      name: 'mahilo_wal_size_bytes',
      help: 'Size of the write-ahead log beside it.',
      read: () => walBytes(file),
    },
    {
      name: 'mahilo_disk_free_bytes',
      help: 'Room that is left where the database is.',
      read: () => freeBytesAt(file),
    },
    {
      name: 'mahilo_backup_age_seconds',
      help: 'How old the newest good backup is; without any, how old the database is.',
      read: async () => {
        const at = (await lastBackupAt(file)) ?? (await stat(file)).birthtimeMs;
        return Math.max(0, clock.now() - at) / 1000;
      },
    },
    {
      name: 'mahilo_disk_size_bytes',
      help: 'Size of the file system where the database is.',
      read: async () => {
        const { blocks, bsize } = await statfs(dirname(file));
        return blocks * bsize;
      },
    },
  ];
}
