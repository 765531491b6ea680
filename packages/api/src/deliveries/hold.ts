import { isoTime } from '@mahilo/shared/clock';
import type { ConnectionMode, ConnectionStatus, Schema } from '@mahilo/shared/db/schema';
import { jsonEach } from '@mahilo/shared/db/sqlite/json-rows';
import { WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import { type Kysely, sql } from 'kysely';
import type { DeliveryRow } from './deliveries.ts';

/** A worker takes what is due within milliseconds: after this (ms) something keeps it from doing so. */
const OVERDUE_MS = 1000;

/** What keeps a delivery from being tried now. */
export const HOLDERS = [
  'retry',
  'breaker',
  'unproven',
  'destination',
  'suspended',
  'polling',
  'no_worker',
  'registry',
  'owner',
  'operator',
] as const;

export interface Hold {
  held_by: (typeof HOLDERS)[number] | undefined;
  /** The same for people, in one sentence. */
  held_because: string | undefined;
  /** When it will be tried; undefined when that does not depend on time alone. */
  next_attempt_at: string | undefined;
}

/** What a delivery to a connection may have to wait for. Times in ms. */
interface Lane {
  id: string;
  status: ConnectionStatus;
  mode: ConnectionMode;
  is_disabled: 0 | 1;
  is_proven: 0 | 1;
  /** Another agent of the same owner has callbacks in flight. */
  owner_is_busy: 0 | 1;
  full_until: number;
  paused_until: number;
  asked_until: number;
  trouble_until: number;
  unproven_until: number;
}

/** Why deliveries that wait are not there yet, by their ids. Uses the primary keys, connections_by_name and outbox_leased. */
export async function holdsOf(
  db: Kysely<Schema>,
  deliveries: readonly DeliveryRow[],
  now: number,
): Promise<Map<string, Hold>> {
  const waiting = deliveries.filter(({ state }) => state === 'pending');
  if (waiting.length === 0) return new Map();
  const lanes = await lanesOf(db, new Set(waiting.map((row) => row.connection_id)));
  const { alive } = await db
    .selectFrom('workers')
    .select((count) => count.fn.countAll<number>().as('alive'))
    .where('heartbeat_at', '>=', now - WORKER_GONE_AFTER_MS)
    .executeTakeFirstOrThrow();
  return new Map(
    waiting.flatMap((row) => {
      const lane = lanes.get(row.connection_id);
      return lane === undefined ? [] : [[row.id, holdOf(row.due_at, lane, alive > 0, now)]];
    }),
  );
}

async function lanesOf(db: Kysely<Schema>, connectionIds: ReadonlySet<string>): Promise<Map<string, Lane>> {
  const { rows } = await sql<Lane>`
    select connections.id, connections.status, connections.mode, users.disabled_at is not null as is_disabled,
      connections.proven_at is not null as is_proven,
      exists (select 1 from connections as other join outbox on outbox.connection_id = other.id and state = 'leased'
        where other.user_id = connections.user_id and other.status <> 'deleted' and other.id <> connections.id)
        as owner_is_busy,
      coalesce(full_until, 0) as full_until, coalesce(paused_until, 0) as paused_until,
      coalesce(asked_until, 0) as asked_until, coalesce(trouble_until, 0) as trouble_until,
      coalesce(unproven_until, 0) as unproven_until
    from ${jsonEach([...connectionIds])}
    join connections on connections.id = value
    join users on users.id = connections.user_id
    left join lanes on lanes.connection_id = connections.id
  `.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

function holdOf(dueAt: number, lane: Lane, isWorkerAlive: boolean, now: number): Hold {
  const forGood = holderForGood(lane);
  if (forGood !== undefined) return { ...forGood, next_attempt_at: undefined };
  const [latest] = pauses(dueAt, lane).sort((one, other) => other.until - one.until);
  if (latest !== undefined && latest.until > now) {
    const { held_by, held_because, until } = latest;
    return { held_by, held_because, next_attempt_at: isoTime(until) };
  }
  if (!isWorkerAlive) {
    return held('no_worker', 'The registry has no worker at the moment that delivers.');
  }
  if (lane.full_until > now) return holderOfSlots(lane);
  if (dueAt > now - OVERDUE_MS) {
    return { held_by: undefined, held_because: undefined, next_attempt_at: isoTime(dueAt) };
  }
  return lane.owner_is_busy === 1
    ? held('owner', 'Callbacks to other agents of the same person take their slots.')
    : held('destination', 'Callbacks to the same host take its slots, or the registry is busy.');
}

function held(held_by: (typeof HOLDERS)[number], held_because: string): Hold {
  return { held_by, held_because, next_attempt_at: undefined };
}

function holderForGood({ status, mode, is_disabled }: Lane): Hold | undefined {
  if (is_disabled === 1) return held('operator', 'The operator has shut the agent’s owner out.');
  if (status === 'suspended') {
    return held(
      'suspended',
      'The agent has failed for days; it waits until its owner registers or pings it.',
    );
  }
  if (status === 'inactive')
    return held('owner', 'The agent said that it is gone; its owner has to register it.');
  return mode === 'polling' ? held('polling', 'It waits for the agent to fetch it.') : undefined;
}

function holderOfSlots({ is_proven, paused_until }: Lane): Hold {
  if (is_proven === 0)
    return held('unproven', 'Until the agent has taken a first callback it gets one at a time.');
  return paused_until > 0
    ? held('breaker', 'The agent has been failing; one callback at a time shows whether it is well.')
    : held('destination', 'As many callbacks as it may have at once are on their way to the agent.');
}

interface Pause extends Pick<Hold, 'held_because'> {
  held_by: (typeof HOLDERS)[number];
  until: number;
}

function pauses(dueAt: number, lane: Lane): Pause[] {
  return [
    {
      until: dueAt,
      held_by: 'retry',
      held_because: 'The last attempt failed; it is tried again after a pause.',
    },
    {
      until: lane.asked_until,
      held_by: 'retry',
      held_because: 'The agent asked for this pause (Retry-After).',
    },
    {
      until: lane.paused_until,
      held_by: 'breaker',
      held_because: 'The agent has been failing; it is tried again after a pause.',
    },
    {
      until: lane.trouble_until,
      held_by: 'registry',
      held_because: 'The registry itself has trouble reaching the agent: its name resolution or its network.',
    },
    {
      until: lane.unproven_until,
      held_by: 'unproven',
      held_because: 'Until the agent has taken a first callback it is tried a few times a minute only.',
    },
  ];
}
