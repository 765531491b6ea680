import type { ListTasksRequest, ListTasksResponse } from '@a2a-js/sdk';
import { TaskState } from '@a2a-js/sdk';
import { statement } from '@mahilo/shared/db/statement';
import { invalidField } from '@mahilo/shared/errors';
import { boundedWalk, mergeSlices, type Slice } from '../http/bounded-walk.ts';
import { countFitting, countFittingAsJson } from '../http/page-bytes.ts';
import { cursorFor, type Page, pageOf } from '../http/pagination.ts';
import type { Session } from './session.ts';
import { type Shown, stateOf, taskOf, wantsHistory } from './task.ts';
import { findTask, type Progress, type TaskRow } from './task-rows.ts';

/** Tasks in a page: the protocol's default, and most. */
const [DEFAULT_SIZE, MAX_SIZE] = [50, 100];
/** Comes after every id. */
const LAST = '~';

interface Filter {
  contextId: string | undefined;
  status: TaskState | undefined;
  /** Accepted later than this (ms). */
  after: number;
}

/** A task that belongs to the list, and the bytes of its texts. */
interface Found {
  id: string;
  bytes: number;
}

/**
 * A page of the caller's tasks of one agent, newest first (A2A 1.0 §3.1.4). A page may be shorter than asked for, and still
 * not the last: it ends after so many bytes, and after so many messages that were looked at. `totalSize` counts what is
 * known after this page, since nobody counts a history for each page of it.
 * @throws MahiloError INVALID_REQUEST
 */
export async function listTasks(session: Session, request: ListTasksRequest): Promise<ListTasksResponse> {
  const filter = filterOf(request);
  const page = pageFor(request);
  const shown = {
    history: wantsHistory(request.historyLength),
    artifacts: request.includeArtifacts ?? false,
  };
  const slices = [await sentSlice(session, filter, page, shown), await heldSlice(session, filter, page)];
  const { rows: found, stoppedAt } = mergeSlices(slices, ({ id }) => id);
  const inPage = found.slice(0, page.limit);
  const rows = await readTasks(session, inPage, shown);
  const last = rows.at(-1)?.id;
  const next = rows.length < found.length ? last : stoppedAt;
  return {
    tasks: rows.map((row) => taskOf(row, shown)),
    nextPageToken: next === undefined ? '' : cursorFor(next),
    pageSize: page.limit,
    totalSize: rows.length + (next === undefined ? 0 : 1),
  };
}

function filterOf({ contextId, status, statusTimestampAfter }: ListTasksRequest): Filter {
  if (status === TaskState.UNRECOGNIZED) throw invalidField('status', 'is no state of a task');
  const after = statusTimestampAfter === undefined ? 0 : Date.parse(statusTimestampAfter);
  if (Number.isNaN(after)) throw invalidField('statusTimestampAfter', 'must be a time (ISO 8601)');
  return {
    contextId: contextId === '' ? undefined : contextId,
    status: status === TaskState.TASK_STATE_UNSPECIFIED ? undefined : status,
    after,
  };
}

function pageFor({ pageSize = DEFAULT_SIZE, pageToken }: ListTasksRequest): Page {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_SIZE) {
    throw invalidField('pageSize', `must be a whole number from 1 to ${MAX_SIZE}`);
  }
  try {
    return pageOf({ limit: pageSize, ...(pageToken !== '' && { cursor: pageToken }) });
  } catch {
    throw invalidField('pageToken', 'is not one that this list gave out');
  }
}

/** Texts are read only of what fits into the page. */
async function readTasks(
  { deps, caller, agent }: Session,
  found: readonly Found[],
  shown: Shown,
): Promise<TaskRow[]> {
  const count = countFitting(found, ({ bytes }) => bytes);
  const now = deps.clock.now();
  const rows: TaskRow[] = [];
  for (const { id } of found.slice(0, count)) {
    const row = await findTask(deps.db.kysely, caller, agent, id, now);
    if (row !== undefined) rows.push(row);
  }
  return rows.slice(
    0,
    countFittingAsJson(rows, (row) => textsOf(row, shown)),
  );
}

function textsOf({ body, answer }: TaskRow, { history, artifacts }: Shown): string[] {
  return [...(history ? [body] : []), ...(artifacts && answer !== undefined ? [answer.body] : [])];
}

async function sentSlice(
  { deps: { db }, caller, agent }: Session,
  filter: Filter,
  page: Page,
  shown: Shown,
): Promise<Slice<Found>> {
  const { contextId = null } = filter;
  return boundedWalk(caller.id, page.limit + 1, page.after, async (after, limit) => {
    const looked = await sentIds(db.kysely, caller.id, after ?? LAST, limit);
    const [newest, oldest] = [looked[0], looked.at(-1)];
    if (newest === undefined || oldest === undefined) return { rows: [], lookedAt: 0, last: undefined };
    const range = [oldest.id, newest.id] as const;
    const rows = await sentTo(db.kysely, caller.id, ...range, agent.friend.id, agent.id, contextId);
    const matching = rows
      .map((row) => ({ ...row, isAnswered: row.answer_bytes !== null }))
      .filter((row) => matches(row, filter))
      .map(({ id, body_bytes, answer_bytes }) => ({
        id,
        bytes: (shown.history ? body_bytes : 0) + (shown.artifacts ? (answer_bytes ?? 0) : 0),
      }));
    return { rows: matching, lookedAt: looked.length, last: oldest.id };
  });
}

/** What is held at this moment. Each user has only so many decisions. */
async function heldSlice(
  { deps: { db, clock }, caller, agent }: Session,
  filter: Filter,
  page: Page,
): Promise<Slice<Found>> {
  const { contextId = null, status } = filter;
  if (status !== undefined && status !== TaskState.TASK_STATE_AUTH_REQUIRED) {
    return { rows: [], stoppedAt: undefined };
  }
  const rows = await heldFor(
    db.kysely,
    caller.id,
    page.after ?? LAST,
    clock.now(),
    filter.after,
    agent.friend.id,
    agent.id,
    contextId,
    page.limit + 1,
  );
  return { rows, stoppedAt: undefined };
}

function matches(row: Progress & { created_at: number }, { status, after }: Filter): boolean {
  return row.created_at > after && (status === undefined || stateOf(row) === status);
}

/** Ids alone, of messages_by_sender. */
const sentIds = statement<[senderId: string, before: string, limit: number], { id: string }>(
  'select id from messages where sender_id = ? and id < ? order by id desc limit ?',
);

interface Listed extends Omit<Progress, 'isAnswered'> {
  id: string;
  created_at: number;
  body_bytes: number;
  /** Of the first answer; null: there is none. */
  answer_bytes: number | null;
}

/** Uses messages_by_sender, outbox_by_message and messages_answers. */
const sentTo = statement<
  [
    senderId: string,
    first: string,
    last: string,
    recipientId: string,
    connectionId: string,
    contextId: string | null,
  ],
  Listed
>(
  ({ arrival }) => `
  select messages.id, messages.created_at, messages.rejection_reason, outbox.state,
    octet_length(messages.body) as body_bytes,
    (select octet_length(answers.body) from messages as answers
      where answers.in_response_to = messages.id and answers.recipient_id = messages.sender_id
        and answers.sender_id = messages.recipient_id and answers.rejection_reason is null
      order by ${arrival('answers')} limit 1) as answer_bytes
  from messages left join outbox on outbox.message_id = messages.id
  where messages.sender_id = ? and messages.id between ? and ? and messages.recipient_id = ?
    and (outbox.connection_id = ? or messages.rejection_reason is not null)
    and coalesce(messages.correlation_id, messages.id) = coalesce(?, messages.correlation_id, messages.id)
  order by messages.id desc`,
);

/** Uses decisions_unsent. */
const heldFor = statement<
  [
    senderId: string,
    before: string,
    now: number,
    createdAfter: number,
    recipientId: string,
    connectionId: string,
    contextId: string | null,
    limit: number,
  ],
  Found
>(
  ({ json }) => `
  select message_id as id, octet_length(body) as bytes from decisions
  where sender_id = ? and state = 'review_required' and state <> 'sent' and message_id < ?
    and expires_at > ? and created_at > ? and recipient_id = ?
    and ${json('send_json')} ->> 'recipient_connection_id' = ?
    and coalesce(${json('send_json')} ->> 'correlation_id', message_id)
      = coalesce(?, ${json('send_json')} ->> 'correlation_id', message_id)
  order by message_id desc limit ?`,
);
