import { isoTime } from '@mahilo/shared/clock';
import type { ConnectionMode, ConnectionStatus, OutboxState } from '@mahilo/shared/db/schema';
import { INBOX_OWNER } from '../inbox/inboxes.ts';

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
  /** Undefined when nothing keeps it: it is about to be tried, or on its way. */
  held_by: (typeof HOLDERS)[number] | undefined;
  /** The same for people, in one sentence. */
  held_because: string | undefined;
  /** When it will be tried; undefined when that does not depend on time alone. */
  next_attempt_at: string | undefined;
}

/** The part of a delivery that says when it can be tried. Times in ms. */
export interface OwedDelivery {
  state: OutboxState;
  due_at: number;
  lease_owner: string | null;
  lease_expires_at: number | null;
}

/** What a delivery to a connection may have to wait for. Times in ms. */
export interface Lane {
  status: ConnectionStatus;
  mode: ConnectionMode;
  is_disabled: 0 | 1;
  /** Since when the operator holds it back, and why. */
  held_at: number | null;
  held_reason: string | null;
  is_proven: 0 | 1;
  /** Another agent of the same owner has callbacks in flight. */
  owner_is_busy: 0 | 1;
  full_until: number;
  paused_until: number;
  asked_until: number;
  trouble_until: number;
  unproven_until: number;
}

/**
 * Why a delivery that is owed has not arrived yet.
 * @param workers the ids of those that are alive.
 */
export function holdOf(owed: OwedDelivery, lane: Lane, workers: ReadonlySet<string>, now: number): Hold {
  const leaseEnd = owed.lease_expires_at ?? 0;
  if (owed.state !== 'leased') return holdOfWaiting(lane, workers, now, firstDue(owed.due_at));
  if (owed.lease_owner === INBOX_OWNER) return holdOfFetched(lane, workers, leaseEnd, now);
  if (leaseEnd > now && workers.has(owed.lease_owner ?? '')) return ON_ITS_WAY;
  const hold = holdOfWaiting(lane, workers, now, { until: leaseEnd, ...LEFT_BEHIND });
  // A worker that is not gone would have renewed the lease.
  const isOverdue = hold.held_by === 'destination' || hold.held_by === 'owner';
  return isOverdue && leaseEnd <= now ? { ...hold, ...LEFT_BEHIND } : hold;
}

const LEFT_BEHIND = {
  held_by: 'no_worker',
  held_because:
    'The worker that was delivering it is gone; another one takes it over when its lease has ended.',
} as const;

const ON_ITS_WAY: Hold = {
  held_by: undefined,
  held_because: 'A callback with it is on its way to the agent.',
  next_attempt_at: undefined,
};

/** A polling agent has it. */
function holdOfFetched(lane: Lane, workers: ReadonlySet<string>, leaseEnd: number, now: number): Hold {
  const isLeased = leaseEnd > now;
  const held_because = isLeased
    ? 'The agent has fetched it, and not acknowledged it yet.'
    : 'The agent fetched it and did not acknowledge it in time; it waits to be fetched again.';
  const forGood = holderForGood(lane);
  if (forGood?.held_by === 'polling') return { ...forGood, held_because };
  // Its agent takes callbacks now.
  return forGood ?? holdOfWaiting(lane, workers, now, { until: leaseEnd, held_by: 'polling', held_because });
}

function holdOfWaiting(lane: Lane, workers: ReadonlySet<string>, now: number, own: Pause): Hold {
  const forGood = holderForGood(lane);
  if (forGood !== undefined) return forGood;
  if (workers.size === 0) return held('no_worker', 'The registry has no worker at the moment that delivers.');
  const [latest] = [own, ...pausesOf(lane)].sort((one, other) => other.until - one.until);
  const until = latest?.until ?? 0;
  if (latest !== undefined && until > now) {
    return { held_by: latest.held_by, held_because: latest.held_because, next_attempt_at: isoTime(until) };
  }
  if (lane.full_until > now) return holderOfSlots(lane);
  if (own.until > now - OVERDUE_MS) {
    return { held_by: undefined, held_because: undefined, next_attempt_at: isoTime(now) };
  }
  return lane.owner_is_busy === 1
    ? held('owner', 'Callbacks to other agents of the same person take their slots.')
    : held('destination', 'Callbacks to the same host take its slots, or the registry is busy.');
}

function held(held_by: (typeof HOLDERS)[number], held_because: string): Hold {
  return { held_by, held_because, next_attempt_at: undefined };
}

function holderForGood({ status, mode, is_disabled, held_at, held_reason }: Lane): Hold | undefined {
  if (is_disabled === 1) return held('operator', 'The operator has shut the agent’s owner out.');
  if (held_at !== null && mode !== 'polling') {
    return held('operator', `The operator holds it back${held_reason === null ? '.' : `: ${held_reason}`}`);
  }
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

function firstDue(until: number): Pause {
  return {
    until,
    held_by: 'retry',
    held_because: 'The last attempt failed; it is tried again after a pause.',
  };
}

function pausesOf(lane: Lane): Pause[] {
  return [
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
