import type { Task } from '@a2a-js/sdk';
import type { Client } from '@a2a-js/sdk/client';
import type { App } from '../src/deps.ts';
import { a2aClient } from './a2a-client.ts';
import { Person } from './person.ts';

export const keyOf = ({ authorization }: Person) => authorization.replace('Bearer ', '');

export interface Pair {
  ann: Person;
  ben: Person;
  /** Ben's agent. */
  agent: string;
  /** Ann's. */
  client: Client;
}

/** Ann, who calls the agent of her friend Ben. */
export async function pairOn(app: App, url: string, name: string, agentOfBen: object = {}): Promise<Pair> {
  const ann = await Person.register(app, `ann-${name}`);
  const ben = await Person.register(app, `ben-${name}`);
  await ann.befriend(ben);
  const agent = await ben.connectPolling('main', agentOfBen);
  return { ann, ben, agent, client: await a2aClient(`${url}/a2a/${ben.username}/${agent}`, keyOf(ann)) };
}

export async function fetchOne({ ben, agent }: Pair) {
  const [mail] = await ben.ok('GET', `/inbox?connection_id=${agent}&limit=1&wait=30`);
  return mail;
}

/** Ben's agent takes the next message, and answers it. */
export async function answerNext(pair: Pair, message: string, more: object = {}): Promise<void> {
  const mail = await fetchOne(pair);
  await pair.ben.ok('POST', '/inbox/ack', { delivery_ids: [mail.delivery_id] });
  const reply = { recipient: mail.sender, message, in_response_to: mail.message_id, ...more };
  await pair.ben.ok('POST', '/messages/send', reply);
}

export const get = (client: Client, id: string): Promise<Task> => client.getTask({ tenant: '', id });

/** The name of the error that a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { errorResponse } = error as { errorResponse?: { error: { data?: { reason: string }[] } } };
    return errorResponse?.error.data?.[0]?.reason ?? (error as Error).name;
  }
  return 'none';
}
