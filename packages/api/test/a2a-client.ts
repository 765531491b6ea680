import { Role, type SendMessageRequest, type StreamResponse, type Task, TaskState } from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from '@a2a-js/sdk/client';

/** The official client, calling an agent with this key. */
export async function a2aClient(agentUrl: string, key: string): Promise<Client> {
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${key}`);
    return fetch(input, { ...init, headers });
  };
  const factory = new ClientFactory(
    ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
      transports: [new JsonRpcTransportFactory({ fetchImpl })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    }),
  );
  return factory.createFromUrl(`${agentUrl}/`);
}

let count = 0;

/** A request to send a text. */
export function asking(
  text: string,
  {
    returnImmediately = false,
    ...more
  }: { returnImmediately?: boolean } & Partial<SendMessageRequest['message'] & object> = {},
): SendMessageRequest {
  count += 1;
  return {
    tenant: '',
    metadata: undefined,
    message: {
      messageId: `m${count}`,
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: '' }],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
      ...more,
    },
    configuration: {
      acceptedOutputModes: [],
      taskPushNotificationConfig: undefined,
      returnImmediately,
    },
  };
}

/** Sends without waiting. */
export async function ask(
  client: Client,
  text: string,
  more: Parameters<typeof asking>[1] = {},
): Promise<Task> {
  return taskIn(await client.sendMessage(asking(text, { ...more, returnImmediately: true })));
}

export function taskIn(answer: unknown): Task {
  const task = answer as Task;
  if (task.status === undefined) throw new Error(`No task: ${JSON.stringify(answer)}`);
  return task;
}

/** The name of a task's state without the common prefix. */
export function stateIn({ status }: Pick<Task, 'status'>): string {
  return (TaskState[status?.state ?? 0] ?? '').replace('TASK_STATE_', '');
}

/** The text of a task's answer. */
export function answerIn({ artifacts }: Task): unknown {
  return artifacts[0]?.parts[0]?.content?.value;
}

/** A short form of a stream event. */
export function shortly({ payload }: StreamResponse): string {
  if (payload?.$case === 'artifactUpdate') return 'artifact';
  if (payload?.$case === 'task' || payload?.$case === 'statusUpdate') return stateIn(payload.value);
  return `${payload?.$case}`;
}
