import type { Callback } from './callback.ts';
import { DemoError } from './demo-error.ts';

/** An answer of the API. The demo trusts that it has the fields it uses. */
export type Answer = Readonly<Record<string, unknown>>;

/** A person with an API key, who makes requests. */
export class Person {
  readonly username: string;
  readonly apiKey: string;
  readonly #api: string;

  private constructor(registryUrl: string, username: string, apiKey: string) {
    this.#api = `${registryUrl}/api/v1`;
    this.username = username;
    this.apiKey = apiKey;
  }

  static async register(registryUrl: string, username: string): Promise<Person> {
    const nobody = new Person(registryUrl, username, '');
    const answer = (await nobody.call('POST', '/auth/register', { username })) as { api_key: string };
    return new Person(registryUrl, username, answer.api_key);
  }

  /** Makes one request. @returns the API's answer. @throws DemoError when the API refuses or does not answer. */
  async call(method: 'GET' | 'POST', path: string, body?: Answer): Promise<unknown> {
    return (await this.#request(method, path, body)).json();
  }

  /** An answer that never ends. */
  open(path: string): Promise<Response> {
    return this.#request('GET', path);
  }

  async #request(method: 'GET' | 'POST', path: string, body?: Answer): Promise<Response> {
    const response = await fetch(`${this.#api}${path}`, {
      method,
      headers: {
        ...(this.apiKey !== '' && { authorization: `Bearer ${this.apiKey}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new DemoError(`The API does not answer ${method} ${path}.`, { cause });
    });
    if (response.ok) return response;
    const { error } = (await response.json()) as Answer;
    throw new DemoError(`The API refused ${method} ${path}: ${response.status} ${String(error)}`);
  }

  async send(recipient: string, message: string, more: Answer = {}): Promise<DemoMessage> {
    return (await this.call('POST', '/messages/send', { recipient, message, ...more })) as DemoMessage;
  }

  /** Answers a message, where it came from: to its sender, or to all of its group. */
  async reply(to: Callback, message: string, connectionId: string): Promise<void> {
    await this.send(to.group_id ?? to.sender, message, {
      in_response_to: to.message_id,
      // However often this is called, it is one reply.
      idempotency_key: `reply to ${to.message_id}`,
      sender_connection_id: connectionId,
      ...(to.group_id !== undefined && { recipient_type: 'group' }),
      ...(to.correlation_id !== undefined && { correlation_id: to.correlation_id }),
    });
  }
}

export interface DemoMessage {
  message_id: string;
  delivery_id: string;
  status: string;
}

/** Makes two people friends: one asks, the other accepts. */
export async function befriend(one: Person, other: Person): Promise<void> {
  const request = await one.call('POST', '/friends/request', { username: other.username });
  await other.call('POST', `/friends/${(request as { friendship_id: string }).friendship_id}/accept`);
}
