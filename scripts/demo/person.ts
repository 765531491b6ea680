import { DemoError } from './demo-error.ts';

/** Reads an answer of the API: the demo believes that the fields it names are there. */
export type Answer = Readonly<Record<string, unknown>>;

/** A person with an API key, as whom requests are made. */
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

  /**
   * One request, answered with what the API answers.
   * @throws DemoError when the API refuses or does not answer.
   */
  async call(method: 'GET' | 'POST', path: string, body?: Answer): Promise<unknown> {
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
    const answer = (await response.json()) as Answer;
    if (!response.ok)
      throw new DemoError(`The API refused ${method} ${path}: ${response.status} ${String(answer['error'])}`);
    return answer;
  }

  async send(recipient: string, message: string, more: Answer = {}): Promise<SentMessage> {
    return (await this.call('POST', '/messages/send', { recipient, message, ...more })) as SentMessage;
  }
}

export interface SentMessage {
  message_id: string;
  delivery_id: string;
  status: string;
}

/** Makes two people friends: one asks, the other accepts. */
export async function befriend(one: Person, other: Person): Promise<void> {
  const request = await one.call('POST', '/friends/request', { username: other.username });
  await other.call('POST', `/friends/${(request as { friendship_id: string }).friendship_id}/accept`);
}
