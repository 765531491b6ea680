import type { Connection } from '../connection.ts';
import { items } from '../pages.ts';
import type { ShownAgent } from './pins.ts';

/** How long (ms) an answer is good enough to read with; to send, the registry is asked each time. */
const FRESH_MS = 5000;
const MAX_CACHED = 1000;
const KEY_FORM = /^[A-Za-z0-9_-]{43}$/;

/** A member of a group as the registry shows them: without an agent no message reaches them. */
export interface ShownMember {
  username: string;
  agent: ShownAgent | undefined;
}

/** Which keys the registry shows. */
export class Directory {
  readonly #connection: Connection;
  readonly #cache = new Map<string, { at: number; answer: Promise<unknown> }>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The active agents of a friend, the best first. @throws MahiloError */
  async ofFriend(username: string): Promise<ShownAgent[]> {
    const path = `/contacts/${encodeURIComponent(username)}/connections`;
    return (await this.#list(path)).map(agentOf).sort(byRank);
  }

  /** The active members of a group. @throws MahiloError */
  async ofGroup(groupId: string): Promise<ShownMember[]> {
    const members = await this.#list(`/groups/${encodeURIComponent(groupId)}/members`);
    return members
      .filter(({ status }) => status === 'active')
      .map((member) => {
        const id = member['connection_id'];
        const agent = typeof id === 'string' ? agentOf({ ...member, id, label: 'agent' }) : undefined;
        return { username: String(member['username']), agent };
      });
  }

  /** Those of one person, also of a member of a group who is no friend; perhaps some seconds old. @throws MahiloError */
  ofSender(username: string, groupId: string | undefined): Promise<ShownAgent[]> {
    return this.#cached(`${groupId ?? ''} ${username}`, async () => {
      if (groupId === undefined) return this.ofFriend(username);
      const members = await this.#cached(groupId, () => this.ofGroup(groupId));
      return members.filter((one) => one.username === username).flatMap(({ agent }) => agent ?? []);
    });
  }

  forget(): void {
    this.#cache.clear();
  }

  async #cached<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
    const cached = this.#cache.get(name);
    if (cached !== undefined && performance.now() - cached.at < FRESH_MS)
      return cached.answer as Promise<Answer>;
    const answer = ask();
    this.#cache.delete(name);
    this.#cache.set(name, { at: performance.now(), answer });
    for (const oldest of this.#cache.keys()) if (this.#cache.size > MAX_CACHED) this.#cache.delete(oldest);
    answer.catch(() => this.#cache.delete(name));
    return answer;
  }

  async #list(path: string): Promise<Record<string, unknown>[]> {
    const list: Record<string, unknown>[] = [];
    for await (const item of items(this.#connection, path, undefined))
      list.push(item as Record<string, unknown>);
    return list;
  }
}

function agentOf(shown: Record<string, unknown>): ShownAgent {
  const { id, framework = '', label = '', status, routing_priority: priority } = shown;
  return {
    id: String(id),
    framework: String(framework),
    label: String(label),
    status: String(status),
    routingPriority: typeof priority === 'number' ? priority : 0,
    ...publicKeysOf(shown['public_keys']),
  };
}

/** Of a JWK Set, the key of each curve. What is none is none of ours: the registry checks, and may not be honest. */
export function publicKeysOf(set: unknown): { x25519: string | undefined; ed25519: string | undefined } {
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  const of = (curve: string): string | undefined =>
    Array.isArray(keys)
      ? keys.find((key) => key?.crv === curve && typeof key.x === 'string' && KEY_FORM.test(key.x))?.x
      : undefined;
  return { x25519: of('X25519'), ed25519: of('Ed25519') };
}

/** As the registry chooses: active ones, then by priority, then the oldest. */
function byRank(one: ShownAgent, other: ShownAgent): number {
  return (
    Number(one.status !== 'active') - Number(other.status !== 'active') ||
    other.routingPriority - one.routingPriority ||
    (one.id < other.id ? -1 : 1)
  );
}
