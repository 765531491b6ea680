import { groupDeadLetters } from '@mahilo/operator/queue/dead-letter-groups';
import { type Reached, requeueDeadLetters } from '@mahilo/operator/queue/requeue';
import { isoTime } from '@mahilo/shared/clock';
import { invalidField } from '@mahilo/shared/errors';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { cursorFor } from '../http/pagination.ts';
import { parseSince } from '../http/since.ts';
import { OPERATORS, walks } from '../http/walks.ts';
import { DeadLetters, RequeueBody, RequeuedDeadLetters } from './dead-letter-schemas.ts';
import { operatorOf } from './operator.ts';
import type { QueueView } from './queue-view.ts';
import { Memory } from './remembered.ts';
import { OPERATOR, REFUSALS } from './route-options.ts';

const REMEMBERED_MS = 5000;
/** Dead letters that one request requeues, and that it looks at to find them, at most. */
const AT_ONCE = 1000;
const LOOKED_AT = 100_000;
const SHOWN = 200;

/** Dead letters of everybody: in what groups, and out again. */
export function registerDeadLetters(app: App, deps: ApiDeps, queue: QueueView): void {
  const { db, clock } = deps;
  const groups = new Memory(clock, REMEMBERED_MS, () =>
    walks.walk(OPERATORS, (nextPiece) => groupDeadLetters(db.kysely, nextPiece)),
  );

  app.get(
    '/dead-letters',
    {
      schema: {
        ...OPERATOR,
        operationId: 'listDeadLetters',
        summary: 'Dead letters of everybody, by host and by how they failed, the most first',
        errors: REFUSALS,
        response: answers({ 200: DeadLetters }),
      },
    },
    async () => {
      const { value, at } = await groups.get();
      return {
        is_complete: value.isComplete && value.groups.length <= SHOWN,
        checked_at: isoTime(at),
        groups: value.groups.slice(0, SHOWN).map(({ host, oldest_at, newest_at, ...group }) => ({
          ...group,
          ...(host !== null && { host }),
          oldest_at: isoTime(oldest_at),
          newest_at: isoTime(newest_at),
        })),
      };
    },
  );

  app.post(
    '/deliveries/requeue',
    {
      schema: {
        ...OPERATOR,
        operationId: 'requeueDeadLetters',
        summary: 'Give dead letters a fresh cycle of attempts, a thousand at once, or only count them',
        body: RequeueBody,
        errors: [...REFUSALS, 'INVALID_SINCE'],
        response: answers({ 200: RequeuedDeadLetters }),
      },
    },
    async (request) => {
      const { dry_run, connection_id, host, error, since, cursor } = request.body;
      const { caller, actor } = operatorOf(request);
      const filter = {
        connectionId: connection_id,
        host,
        error,
        since: since === undefined ? 0 : parseSince(since),
      };
      const options = {
        isDryRun: dry_run,
        after: cursor === undefined ? undefined : reachedIn(cursor),
        atMost: AT_ONCE,
        lookAtMost: LOOKED_AT,
        by: actor,
        now: () => clock.now(),
      };
      const done = await walks.walk(caller.id, (between) =>
        requeueDeadLetters({ kysely: db.kysely, write: (work) => db.write(caller, work) }, filter, {
          ...options,
          between,
        }),
      );
      if (!dry_run) {
        queue.forget();
        groups.forget();
      }
      return {
        dry_run,
        [dry_run ? 'matched' : 'requeued']: done.requeued,
        agents: done.agents,
        skipped_agents: done.skipped.length,
        more: done.end !== undefined,
        ...(done.end !== undefined && { cursor: cursorOf(done.end) }),
      };
    },
  );
}

function cursorOf({ connectionId, letter }: Reached): string {
  return cursorFor(letter === undefined ? connectionId : `${connectionId} ${letter.created_at} ${letter.id}`);
}

/** @throws MahiloError INVALID_REQUEST when the cursor is not one of ours. */
function reachedIn(cursor: string): Reached {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [, connectionId, createdAt, id] = /^(conn_\w+)(?: (\d{1,15}) (dlv_\w+))?$/.exec(text) ?? [];
  if (connectionId === undefined) throw invalidField('cursor', 'is not one that this list gave out');
  return {
    connectionId,
    letter: id === undefined ? undefined : { created_at: Number(createdAt), id },
  };
}
