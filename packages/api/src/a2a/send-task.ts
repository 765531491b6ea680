import type { SendMessageRequest } from '@a2a-js/sdk';
import {
  PushNotificationNotSupportedError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors';
import { invalidField } from '@mahilo/shared/errors';
import type { Send } from '../messages/schemas.ts';
import { assertTakesMessages } from './agent.ts';
import { contentOf } from './parts.ts';
import { relayOf } from './relay.ts';
import type { Session } from './session.ts';
import { findTask, type TaskRow } from './task-rows.ts';

/** Longest id (characters) that a client gives its message: it becomes a part of the idempotency key. */
const MAX_MESSAGE_ID = 128;
/** As long as a correlation id. */
const MAX_CONTEXT_ID = 255;

/**
 * Sends a message to the agent. The same message id again is the same message. Without a context of the client's, one
 * begins that has the message's id.
 * @throws MahiloError as a send does, and the protocol's errors for what a message here cannot do.
 */
export async function sendTask(
  session: Session,
  { message, configuration }: SendMessageRequest,
): Promise<TaskRow> {
  const { deps, caller, agent } = session;
  if (message === undefined) throw invalidField('message', 'is required');
  const { messageId, contextId, taskId, parts } = message;
  assertName(messageId, 'message.messageId', MAX_MESSAGE_ID);
  if (contextId !== '') assertName(contextId, 'message.contextId', MAX_CONTEXT_ID);
  if (taskId !== '') throw await noSecondMessage(session, taskId);
  if (configuration?.taskPushNotificationConfig !== undefined) throw new PushNotificationNotSupportedError();
  const { body, payload_type } = contentOf(parts);
  assertTakesMessages(agent);
  const send: Send = {
    recipient: agent.friend.username,
    recipient_connection_id: agent.id,
    sender_connection_id: await relayOf(deps, caller),
    message: body,
    payload_type,
    correlation_id: contextId === '' ? messageId : contextId,
  };
  const { message_id } = await deps.sendMessage(caller, send, `a2a:${agent.id}:${messageId}`);
  const task = await findTask(deps.db.kysely, caller, agent, message_id, deps.clock.now());
  if (task === undefined) throw new Error('A message that was accepted is not there.');
  return task;
}

function assertName(text: unknown, path: string, maxLength: number): void {
  if (typeof text !== 'string' || text === '') throw invalidField(path, 'is required');
  if (text.length > maxLength) throw invalidField(path, `must have at most ${maxLength} characters`);
  if (!text.isWellFormed()) throw invalidField(path, 'must be well-formed Unicode text');
}

/** A task is one message here, and what answers it. */
async function noSecondMessage({ deps, caller, agent }: Session, taskId: string): Promise<Error> {
  const task = await findTask(deps.db.kysely, caller, agent, taskId, deps.clock.now());
  return task === undefined
    ? new TaskNotFoundError()
    : new UnsupportedOperationError(
        'A task is one message here. Send another one without taskId, and with the same contextId.',
      );
}
