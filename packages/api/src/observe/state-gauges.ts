import type { Clock } from '@mahilo/shared/clock';
import type { Database, StateGauge } from '@mahilo/shared/db/database';
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

/**
 * Gauges of what all processes share (queue, workers, files), read at each scrape. Only the API has them, so that
 * many workers do not multiply them. Leaves out what cannot be read.
 */
export function registerStateGauges(registry: Registry, db: Database, clock: Clock): void {
  for (const { name, help, read } of [...queueGauges(db, clock), ...db.gauges]) {
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
