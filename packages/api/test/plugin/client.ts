import type { Answer, Person } from '../person.ts';

/** The calls of an agent that decides for itself. */
export class PluginDouble {
  readonly person: Person;
  readonly connectionId: string;

  constructor(person: Person, connectionId: string) {
    this.person = person;
    this.connectionId = connectionId;
  }

  static async connect(person: Person): Promise<PluginDouble> {
    return new PluginDouble(person, await person.connectPolling('default'));
  }

  bundle(recipient: string, more: object = {}): Promise<Answer> {
    const request = { recipient, sender_connection_id: this.connectionId, ...more };
    return this.person.call('POST', '/plugin/bundles/direct-send', request);
  }

  /** Commits a decision; `more` replaces fields of the request. */
  commit(recipient: string, resolution_id: string, more: object = {}): Promise<Answer> {
    return this.person.call('POST', '/plugin/local-decisions/commit', {
      sender_connection_id: this.connectionId,
      recipient,
      message: 'hello',
      resolution_id,
      local_decision: ALLOW,
      ...more,
    });
  }

  /** Sends what was committed. */
  send(recipient: string, resolution_id: string, more: object = {}): Promise<Answer> {
    return this.person.call('POST', '/messages/send', {
      sender_connection_id: this.connectionId,
      recipient,
      message: 'hello',
      resolution_id,
      ...more,
    });
  }
}

export const ALLOW = { decision: 'allow', delivery_mode: 'full_send' };
export const ASK = { decision: 'ask', delivery_mode: 'review_required' };
export const DENY = { decision: 'deny', delivery_mode: 'blocked', reason: 'It is a secret.' };
