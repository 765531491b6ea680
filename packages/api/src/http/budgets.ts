import { BOUNDS, quotaExceeded } from '@mahilo/shared/bounds/bounds';
import { MahiloError } from '@mahilo/shared/errors';
import type { BudgetName } from '../budget-telemetry.ts';
import type { ApiDeps } from '../deps.ts';
import { Budget, type BudgetLimits, type Exhausted } from './budget.ts';

/** How long (ms) one must have been unfinished to give way to another one of the same user, or address. */
const GRACE = {
  // One over which nothing is asked is of no use.
  connections: { user: Number.POSITIVE_INFINITY, address: 0 },
  // A user at the bound gets a refusal.
  streams: { user: Number.POSITIVE_INFINITY, address: 5000 },
  request_bytes: { user: 5000, address: 5000 },
  response_bytes: { user: 5000, address: 5000 },
} as const;
/** When to try again (s): those that hang are closed by then, or are found out to. */
const RETRY_AFTER_S = 5;

declare module 'fastify' {
  interface FastifyInstance {
    budgets: Budgets;
  }
}

type Deps = Pick<ApiDeps, 'settings' | 'clock' | 'telemetry'>;

/** What this process has only so much of; docs/limits.md. */
export class Budgets {
  readonly connections: Budget;
  /** Live streams, and polls and sends that wait. */
  readonly streams: Budget;
  /** Of bodies that arrive, and of those that are being worked on. */
  readonly requestBytes: Budget;
  /** Of answers that their clients have not read yet. */
  readonly responseBytes: Budget;

  constructor(deps: Deps) {
    const limit = (name: keyof typeof BOUNDS) => BOUNDS[name].limit(deps.settings);
    const ofClient = (name: 'request_bytes' | 'response_bytes'): BudgetLimits => {
      const share = limit(`${name}_per_client`);
      return { all: limit(name), user: share, address: share };
    };
    this.connections = budget(deps, 'connections', {
      all: limit('connections'),
      user: Number.POSITIVE_INFINITY,
      address: limit('connections_per_address'),
    });
    this.streams = budget(deps, 'streams', {
      all: limit('streams'),
      user: limit('streams_per_user'),
      address: limit('streams_per_address'),
    });
    this.requestBytes = budget(deps, 'request_bytes', ofClient('request_bytes'));
    this.responseBytes = budget(deps, 'response_bytes', ofClient('response_bytes'));
  }
}

function budget({ clock, telemetry }: Deps, name: BudgetName, limits: BudgetLimits): Budget {
  const budget = new Budget({
    limits,
    clock,
    graceMs: GRACE[name],
    refusal: (by) => {
      telemetry.budgets.noRoom(name, by);
      return refusal(name, by, limits);
    },
    onClosed: () => telemetry.budgets.closedForRoom(name),
  });
  telemetry.budgets.watch(name, budget);
  return budget;
}

function refusal(name: BudgetName, by: Exhausted, limits: BudgetLimits): MahiloError {
  const retryAfterSeconds = RETRY_AFTER_S;
  if (by === 'all') {
    return new MahiloError('UNAVAILABLE', 'The registry has its hands full; try again soon.', {
      retryAfterSeconds,
    });
  }
  if (name === 'streams' && by === 'user') {
    const sentence = `You have ${limits.user} open streams and polls; close one of them first.`;
    return new MahiloError('TOO_MANY_STREAMS', sentence, { retryAfterSeconds });
  }
  const bound = BOUND_OF[name];
  return quotaExceeded(bound, limits[by], retryAfterSeconds);
}

const BOUND_OF = {
  connections: 'connections_per_address',
  streams: 'streams_per_address',
  request_bytes: 'request_bytes_per_client',
  response_bytes: 'response_bytes_per_client',
} as const satisfies Record<BudgetName, keyof typeof BOUNDS>;
