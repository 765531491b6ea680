import { holdAgent, releaseAgent, tryAgentNow } from '@mahilo/operator/queue/hold';
import { type Destination, findDestination, hostOf } from '@mahilo/operator/queue/queries';
import { totals } from '@mahilo/operator/queue/totals';
import { appendAudit } from '@mahilo/shared/audit/append';
import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import type { Static } from 'typebox';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { operatorOf } from './operator.ts';
import {
  AgentsAtHost,
  HoldBody,
  HostBody,
  HostHoldBody,
  type QueueAgent,
  QueueAnswer,
  type QueueHost,
  QueueQuery,
} from './queue-schemas.ts';
import { byHost, type HostRow, nextTryOf, type QueueView } from './queue-view.ts';
import { OPERATOR, REFUSALS } from './route-options.ts';

/** Agents of one host that one transaction changes. To try one now may make a thousand deliveries due. */
const BATCH = { 'agent.hold': 100, 'agent.release': 100, 'agent.try_now': 2 } as const;

type Change = 'agent.hold' | 'agent.release' | 'agent.try_now';

/** What is owed to whom, and what can be done about it. */
export function registerQueue(app: App, deps: ApiDeps, queue: QueueView): void {
  app.get(
    '/queue',
    {
      schema: {
        ...OPERATOR,
        operationId: 'getQueue',
        summary: 'What is owed to whom, by host of the callbacks or by agent, those with the most first',
        querystring: QueueQuery,
        errors: REFUSALS,
        response: answers({ 200: QueueAnswer }),
      },
    },
    async ({ query: { by = 'host', host, limit = 50 } }) => {
      const { value, at } = await queue.look();
      const now = deps.clock.now();
      const all = value.destinations.filter((one) => host === undefined || hostOf(one) === host);
      const rows = by === 'host' ? byHost(all, now).map(toHost) : all.map((one) => toAgent(one, now));
      const shown = rows.slice(0, limit);
      return {
        ...totals(all),
        is_complete: value.isComplete,
        checked_at: isoTime(at),
        more: rows.length - shown.length,
        [by === 'host' ? 'hosts' : 'agents']: shown,
      };
    },
  );
  registerOfAgent(app, deps, queue);
  registerOfHost(app, deps, queue);
}

function registerOfAgent(app: App, deps: ApiDeps, queue: QueueView): void {
  const change = async (request: FastifyRequest, id: string, action: Change, reason?: string) => {
    const { caller } = operatorOf(request);
    await deps.db.write(caller, (trx) => changeAgent(trx, request, { id, action, reason }, deps.clock.now()));
    queue.forget();
    return { success: true as const };
  };
  app.post(
    '/agents/:id/hold',
    {
      schema: {
        ...OPERATOR,
        operationId: 'holdAgent',
        summary: 'Hold what is owed to an agent back, until it is released',
        params: IdParams,
        body: HoldBody,
        errors: [...REFUSALS, 'CONNECTION_NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    (request) => change(request, request.params.id, 'agent.hold', request.body.reason),
  );
  app.post(
    '/agents/:id/release',
    {
      schema: {
        ...OPERATOR,
        operationId: 'releaseAgent',
        summary: 'End a hold: what has waited goes out',
        params: IdParams,
        errors: [...REFUSALS, 'CONNECTION_NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    (request) => change(request, request.params.id, 'agent.release'),
  );
  app.post(
    '/agents/:id/try-now',
    {
      schema: {
        ...OPERATOR,
        operationId: 'tryAgentNow',
        summary: 'Try what is owed to an agent now, whatever pause it is in',
        params: IdParams,
        errors: [...REFUSALS, 'CONNECTION_NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    (request) => change(request, request.params.id, 'agent.try_now'),
  );
}

function registerOfHost(app: App, deps: ApiDeps, queue: QueueView): void {
  const changeAll = async (request: FastifyRequest, host: string, action: Change, reason?: string) => {
    const { caller } = operatorOf(request);
    const { value } = await queue.look();
    const ids = value.destinations
      .filter((one) => hostOf(one) === host && one.status !== 'deleted')
      .map((one) => one.connection_id);
    if (ids.length === 0) throw invalidField('host', 'has no agent in the queue');
    const batch = BATCH[action];
    for (let from = 0; from < ids.length; from += batch) {
      await deps.db.write(caller, async (trx) => {
        for (const id of ids.slice(from, from + batch)) {
          // One that was deleted, or moved, meanwhile is no longer meant.
          const destination = await findDestination(trx, id, 1);
          if (destination === undefined || hostOf(destination) !== host) continue;
          await changeAgent(trx, request, { id, action, reason }, deps.clock.now());
        }
      });
    }
    queue.forget();
    return { agents: ids.length };
  };
  app.post(
    '/queue/hold',
    {
      schema: {
        ...OPERATOR,
        operationId: 'holdHost',
        summary: 'Hold all agents at a host that something is owed to',
        body: HostHoldBody,
        errors: REFUSALS,
        response: answers({ 200: AgentsAtHost }),
      },
    },
    (request) => changeAll(request, request.body.host, 'agent.hold', request.body.reason),
  );
  app.post(
    '/queue/release',
    {
      schema: {
        ...OPERATOR,
        operationId: 'releaseHost',
        summary: 'Release all agents at a host',
        body: HostBody,
        errors: REFUSALS,
        response: answers({ 200: AgentsAtHost }),
      },
    },
    (request) => changeAll(request, request.body.host, 'agent.release'),
  );
  app.post(
    '/queue/try-now',
    {
      schema: {
        ...OPERATOR,
        operationId: 'tryHostNow',
        summary: 'Try what is owed to all agents at a host now',
        body: HostBody,
        errors: REFUSALS,
        response: answers({ 200: AgentsAtHost }),
      },
    },
    (request) => changeAll(request, request.body.host, 'agent.try_now'),
  );
}

/** @throws MahiloError CONNECTION_NOT_FOUND; INVALID_REQUEST for an agent that fetches its messages */
async function changeAgent(
  trx: Transaction<Schema>,
  request: FastifyRequest,
  { id, action, reason }: { id: string; action: Change; reason: string | undefined },
  now: number,
): Promise<void> {
  const destination = await findDestination(trx, id, 1);
  if (destination === undefined || destination.status === 'deleted') {
    throw new MahiloError('CONNECTION_NOT_FOUND', 'There is no agent with this id.');
  }
  if (destination.mode === 'polling')
    throw invalidField('id', 'is of an agent that fetches its messages itself');
  if (action === 'agent.hold') await holdAgent(trx, id, reason ?? '', now);
  if (action === 'agent.try_now') await tryAgentNow(trx, id, now);
  if (action === 'agent.release' && !(await releaseAgent(trx, id, now))) return;
  const { actor } = operatorOf(request);
  const details = { owner: destination.username, ...(reason !== undefined && { reason }) };
  await appendAudit(trx, { actor, action, subject: id, details }, now);
}

function toHost({
  host,
  first_due_at,
  failing_since,
  next_try_at,
  last_error,
  ...row
}: HostRow): Static<typeof QueueHost> {
  return {
    ...row,
    ...(host !== undefined && { host }),
    ...times({ first_due_at, failing_since, next_try_at }),
    ...(last_error !== null && { last_error }),
  };
}

function toAgent(row: Destination, now: number): Static<typeof QueueAgent> {
  const host = hostOf(row);
  const { connection_id, username, framework, label, mode, status, waiting, in_flight, dead_letters } = row;
  return {
    ...{ connection_id, username, framework, label, mode, status, waiting, in_flight, dead_letters },
    failures: row.failures,
    ...(host !== undefined && { host }),
    ...(row.user_disabled_at !== null && { owner_is_disabled: true as const }),
    ...(row.held_reason !== null && { held_reason: row.held_reason }),
    ...(row.last_error !== null && { last_error: row.last_error }),
    ...times({
      first_due_at: row.first_due_at,
      failing_since: row.failing_since,
      next_try_at: nextTryOf(row, now),
      held_at: row.held_at,
      last_seen: row.last_seen,
    }),
  };
}

/** ISO 8601, without those that are null. */
function times<Name extends string>(
  given: Readonly<Record<Name, number | null>>,
): Partial<Record<Name, string>> {
  const known = Object.entries<number | null>(given).filter(
    (entry): entry is [Name, number] => entry[1] !== null,
  );
  return Object.fromEntries(known.map(([name, at]) => [name, isoTime(at)])) as Partial<Record<Name, string>>;
}
