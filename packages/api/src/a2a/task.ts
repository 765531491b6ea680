import { type Message, Role, type Task, TaskState, type TaskStatus } from '@a2a-js/sdk';
import { isoTime } from '@mahilo/shared/clock';
import { invalidField } from '@mahilo/shared/errors';
import { partOf } from './parts.ts';
import type { Answer, Progress, TaskRow } from './task-rows.ts';

const OF_REVIEW = {
  open: TaskState.TASK_STATE_AUTH_REQUIRED,
  rejected: TaskState.TASK_STATE_CANCELED,
  expired: TaskState.TASK_STATE_REJECTED,
} as const;

const OF_DELIVERY = {
  pending: TaskState.TASK_STATE_SUBMITTED,
  leased: TaskState.TASK_STATE_WORKING,
  delivered: TaskState.TASK_STATE_WORKING,
  failed: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
} as const;

const ENDS: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_COMPLETED,
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
]);

/** How far a task is. `SUBMITTED`: the agent does not have it yet; `WORKING`: it has, and the answer is missing. */
export function stateOf({ state, rejection_reason, isAnswered, review }: Progress): TaskState {
  if (review !== undefined) return OF_REVIEW[review.state];
  if (rejection_reason !== null || state === null) return TaskState.TASK_STATE_REJECTED;
  if (isAnswered && state !== 'cancelled') return TaskState.TASK_STATE_COMPLETED;
  return OF_DELIVERY[state];
}

/** Whether nothing more will happen. */
export function isOver(state: TaskState): boolean {
  return ENDS.has(state);
}

/** Whether nothing more happens unless a person decides something, so that nobody waits for it. */
export function isAtRest(state: TaskState): boolean {
  return isOver(state) || state === TaskState.TASK_STATE_AUTH_REQUIRED;
}

/** What a client is shown. */
export interface Shown {
  history: boolean;
  artifacts: boolean;
}

/** Whether a client wants the history, which is a single message. @throws MahiloError INVALID_REQUEST */
export function wantsHistory(length: number | undefined, path = 'historyLength'): boolean {
  const isLength = length === undefined || (Number.isInteger(length) && length >= 0);
  if (!isLength) throw invalidField(path, 'must be a whole number, 0 or more');
  return length !== 0;
}

/** A message in the form of a task (A2A 1.0 §4.1.1). Its id is the message's, its context the correlation id. */
export function taskOf(row: TaskRow, { history, artifacts }: Shown): Task {
  return {
    id: row.id,
    contextId: contextOf(row),
    status: statusOf(row),
    artifacts: artifacts && row.answer !== undefined ? [artifactOf(row.answer)] : [],
    history: history ? [asked(row)] : [],
    metadata: undefined,
  };
}

export function contextOf({ correlation_id, id }: Pick<TaskRow, 'correlation_id' | 'id'>): string {
  return correlation_id ?? id;
}

export function statusOf(row: TaskRow): TaskStatus {
  const why = reasonOf(row);
  return {
    state: stateOf(row),
    message: why === undefined ? undefined : said(row, `${row.id}-status`, Role.ROLE_AGENT, why),
    timestamp: isoTime(row.answer?.created_at ?? row.settled_at ?? row.created_at),
  };
}

/** What a person should know of a task that did not do well. */
function reasonOf({ review, rejection_reason, state, last_error }: TaskRow): string | undefined {
  if (review?.state === 'open') {
    return `${review.summary} Your user decides (POST /api/v1/plugin/reviews/:id/decision with the id of this task).`;
  }
  if (review !== undefined) return review.state === 'rejected' ? undefined : 'Nobody has decided in time.';
  if (rejection_reason !== null) return rejection_reason;
  return state === 'failed' || state === 'cancelled' ? (last_error ?? undefined) : undefined;
}

export function artifactOf(answer: Answer) {
  return {
    artifactId: answer.id,
    name: 'answer',
    description: '',
    parts: answer.erased_at === null ? [partOf(answer)] : [],
    metadata: undefined,
    extensions: [],
  };
}

function asked(row: TaskRow): Message {
  return { ...said(row, row.id, Role.ROLE_USER, ''), parts: [partOf(row)] };
}

function said(row: TaskRow, messageId: string, role: Role, text: string): Message {
  return {
    messageId,
    contextId: contextOf(row),
    taskId: row.id,
    role,
    parts: [partOf({ body: text, payload_type: 'text/plain' })],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}
