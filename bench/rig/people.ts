import type { Client } from '../../test/world/client.ts';
import { messageText } from './message-text.ts';
import type { Product } from './product.ts';
import { requestBytes } from './request-bytes.ts';

export interface Named {
  id: string;
  username: string;
}

/** Somebody, the friend they write to, and the friend's agent. */
export interface Names {
  sender: Named;
  recipient: Named;
  connectionId: string;
}

export interface Person extends Named {
  client: Client;
}

export interface Pair extends Names {
  sender: Person;
  recipient: Person;
}

let registered = 0;

/**
 * Registers people through the API: senders, and recipients, one friend for each sender in turn, whose
 * agents are at `callbackUrl(0)`, `callbackUrl(1)` …
 */
export async function registerPairs(
  product: Product,
  { senders, recipients }: { senders: number; recipients: number },
  callbackUrl: (recipient: number) => string,
): Promise<Pair[]> {
  const agents: Omit<Pair, 'sender'>[] = [];
  for (let n = 0; n < recipients; n++) {
    const recipient = await register(product);
    const { connection_id: connectionId } = await recipient.client.connect(callbackUrl(n));
    agents.push({ recipient, connectionId });
  }
  const pairs: Pair[] = [];
  for (let n = 0; n < senders; n++) {
    const agent = agents[n % recipients];
    if (agent === undefined) throw new Error('There must be a recipient.');
    const sender = await register(product);
    await sender.client.befriend(agent.recipient.client);
    pairs.push({ sender, ...agent });
  }
  return pairs;
}

async function register(product: Product): Promise<Person> {
  registered += 1;
  const username = `person-${registered}`;
  const client = await product.nobody.register(username);
  const { user_id: id } = await client.ok('GET', '/auth/me');
  return { id, username, client };
}

let keys = 0;

/** A send of message `n`, with an idempotency key that is used for the first time. */
export function sendRequest({ sender, recipient }: Pair, n: number): string {
  keys += 1;
  return requestBytes(
    'POST',
    '/api/v1/messages/send',
    {
      authorization: `Bearer ${sender.client.apiKey}`,
      'idempotency-key': `${process.pid}-${keys}-b7e23ec2-9af1`,
    },
    JSON.stringify({ recipient: recipient.username, message: messageText(n) }),
  );
}
