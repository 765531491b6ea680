import type {
  AgentCard,
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
  ListTasksResponse,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
} from '@a2a-js/sdk';
import { TaskState } from '@a2a-js/sdk';
import {
  A2AError,
  ExtendedAgentCardNotConfiguredError,
  PushNotificationNotSupportedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import type { MahiloError } from '@mahilo/shared/errors';
import { keyNoLongerValid } from '../access/caller.ts';
import { assertCovered } from '../access/scopes.ts';
import { forCaller } from '../http/error-handler.ts';
import { dropBody } from '../http/transfers.ts';
import { takeWaitRoom, type WaitRoom, wantWaitRoom } from '../live/wait-room.ts';
import { cancelTask } from './cancel-task.ts';
import { listTasks } from './list-tasks.ts';
import { awaitProgress } from './progress.ts';
import { settleAnswers } from './relay.ts';
import { sendTask } from './send-task.ts';
import type { Session } from './session.ts';
import { artifactOf, contextOf, isAtRest, isOver, stateOf, statusOf, taskOf, wantsHistory } from './task.ts';
import { findTask, type TaskRow } from './task-rows.ts';

/** Longest wait (ms) for an answer, which may take days: many proxies give a request 30 s. */
const MAX_WAIT_MS = 25_000;

/** The routes of the REST API that do the same: the keys that may use the one may use the other. */
const ROUTE = { send: 'POST /messages/send', read: 'GET /messages/:id', list: 'GET /messages' } as const;

/** In a stream: nothing has happened, and it is still there. */
const STILL_HERE: StreamResponse = { payload: undefined };

/** The methods of A2A for one request, on the messages in the database: no task is anywhere else. */
export class AgentCalls implements A2ARequestHandler {
  readonly #session: Session;
  /** Whether the params could be read, and a method began. */
  hasBegun = false;
  /** Why it failed, when that is no error of the protocol's. */
  refusal: MahiloError | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  sendMessage(request: SendMessageRequest): Promise<Task> {
    return this.#guarded(ROUTE.send, async () => {
      const { returnImmediately = false } = request.configuration ?? {};
      const history = historyIn(request);
      const sent = await sendTask(this.#session, request);
      const isWaiting = !returnImmediately && !isAtRest(stateOf(sent));
      return this.#show(isWaiting ? await this.#awaitAnswer(sent) : sent, history);
    });
  }

  async *sendMessageStream(request: SendMessageRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const { room, task } = await this.#guarded(ROUTE.send, () => {
      historyIn(request);
      return this.#withRoom(() => sendTask(this.#session, request));
    });
    yield* this.#follow(task, room);
  }

  async *resubscribe({ id }: SubscribeToTaskRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const { room, task } = await this.#guarded(ROUTE.read, () =>
      this.#withRoom(async () => {
        const found = await this.#find(id);
        if (isOver(stateOf(found))) throw new UnsupportedOperationError('The task is over: GetTask has it.');
        return found;
      }),
    );
    yield* this.#follow(task, room);
  }

  getTask({ id, historyLength }: GetTaskRequest): Promise<Task> {
    return this.#guarded(ROUTE.read, async () => {
      const history = wantsHistory(historyLength);
      return this.#show(await this.#find(id), history);
    });
  }

  listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return this.#guarded(ROUTE.list, () => listTasks(this.#session, request));
  }

  cancelTask({ id }: CancelTaskRequest): Promise<Task> {
    return this.#guarded(ROUTE.send, async () => {
      const task = await this.#find(id);
      if (isOver(stateOf(task))) throw new TaskNotCancelableError('The task is over.');
      await cancelTask(this.#session, task);
      return this.#show(await this.#find(id), true);
    });
  }

  async getAgentCard(): Promise<AgentCard> {
    throw new UnsupportedOperationError('The card is at /.well-known/agent-card.json below this URL.');
  }

  async getAuthenticatedExtendedAgentCard(): Promise<AgentCard> {
    throw new ExtendedAgentCardNotConfiguredError();
  }

  createTaskPushNotificationConfig = noPush;
  getTaskPushNotificationConfig = noPush;
  listTaskPushNotificationConfigs = noPush;
  deleteTaskPushNotificationConfig = noPush;

  async #find(id: string): Promise<TaskRow> {
    const { deps, caller, agent } = this.#session;
    const task = await findTask(deps.db.kysely, caller, agent, id, deps.clock.now());
    if (task === undefined) throw new TaskNotFoundError();
    return task;
  }

  async #show(task: TaskRow, history: boolean): Promise<Task> {
    await this.#settleAnswers(task);
    return taskOf(task, { history, artifacts: true });
  }

  /** Who sees the answer has it. What cannot be settled now is settled when it is seen again. */
  async #settleAnswers(task: TaskRow): Promise<void> {
    if (task.answer === undefined) return;
    const { deps, caller, agent } = this.#session;
    await settleAnswers(deps, caller, agent, task.id).catch((err: unknown) => {
      deps.log.warn({ err, message_id: task.id }, 'The answer to a task could not be settled');
    });
  }

  /** The task when it is at rest, or as it is when the wait is over, or nobody can wait now. */
  async #awaitAnswer(sent: TaskRow): Promise<TaskRow> {
    const { request, reply, deps, caller, agent } = this.#session;
    using room = wantWaitRoom(request, reply);
    if (room === undefined) return sent;
    dropBody(request);
    const options = { timeoutMs: MAX_WAIT_MS, signal: room.signal };
    const task = await awaitProgress(this.#session, sent, isAtRest, options);
    return task ?? (await findTask(deps.db.kysely, caller, agent, sent.id, deps.clock.now())) ?? sent;
  }

  /** Takes the room first: who cannot be told of an answer has sent nothing. */
  async #withRoom(find: () => Promise<TaskRow>): Promise<{ room: WaitRoom; task: TaskRow }> {
    const room = takeWaitRoom(this.#session.request, this.#session.reply);
    try {
      return { room, task: await find() };
    } catch (error) {
      room[Symbol.dispose]();
      throw error;
    }
  }

  async *#follow(first: TaskRow, room: WaitRoom): AsyncGenerator<StreamResponse, void, undefined> {
    using held = room;
    const { request, deps, isKeyValid } = this.#session;
    const timeoutMs = deps.settings.STREAM_HEARTBEAT_MS;
    dropBody(request);
    let task = first;
    // Without a history: a client that does not read would leave it in memory for as long as it waits.
    yield { payload: { $case: 'task', value: await this.#show(task, false) } };
    while (!isOver(stateOf(task)) && !held.signal.aborted && !deps.feed.isClosed) {
      const known = stateOf(task);
      // A delivery that is tried again is no news.
      const isNews = (state: TaskState) => state !== known && state !== TaskState.TASK_STATE_SUBMITTED;
      const next = await awaitProgress(this.#session, task, isNews, { timeoutMs, signal: held.signal });
      if (next === undefined) {
        if (!(await isKeyValid())) throw keyNoLongerValid();
        yield STILL_HERE;
      } else {
        task = next;
        yield* this.#updates(task);
      }
    }
  }

  async *#updates(task: TaskRow): AsyncGenerator<StreamResponse, void, undefined> {
    const of = { taskId: task.id, contextId: contextOf(task), metadata: undefined };
    if (task.answer !== undefined && stateOf(task) === TaskState.TASK_STATE_COMPLETED) {
      await this.#settleAnswers(task);
      const artifact = artifactOf(task.answer);
      yield {
        payload: { $case: 'artifactUpdate', value: { ...of, artifact, append: false, lastChunk: true } },
      };
    }
    yield { payload: { $case: 'statusUpdate', value: { ...of, status: statusOf(task) } } };
  }

  /** Notes what went wrong: the SDK would tell its text to the client, whatever it is. */
  async #guarded<T>(route: string, run: () => Promise<T>): Promise<T> {
    const { caller, deps, request } = this.#session;
    this.hasBegun = true;
    try {
      assertCovered(caller, route);
      return await run();
    } catch (thrown) {
      if (thrown instanceof A2AError) throw thrown;
      deps.telemetry.requestFailed(thrown);
      this.refusal = forCaller(thrown, request);
      throw thrown;
    }
  }
}

/** @throws MahiloError INVALID_REQUEST */
function historyIn({ configuration }: SendMessageRequest): boolean {
  return wantsHistory(configuration?.historyLength, 'configuration.historyLength');
}

async function noPush(): Promise<never> {
  throw new PushNotificationNotSupportedError();
}
