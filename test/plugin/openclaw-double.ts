import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import type { AgentDouble, Received } from '../world/agent-double.ts';
import type { Client } from '../world/client.ts';

interface Policy {
  id: string;
  scope: 'global' | 'user' | 'role' | 'group';
  effect: 'allow' | 'ask' | 'deny';
  evaluator: string;
  policy_content: { blockedPatterns?: string[]; maxLength?: number };
}

/** The fields of a send beside recipient and text. */
interface Draft {
  correlation_id?: string;
  declared_selectors?: { direction?: string; resource?: string; action?: string };
}

interface Member {
  recipient: { username: string };
  resolution_id: string;
  member_applicable_policies: Policy[];
}

const SEVERITY = { deny: 2, ask: 1, allow: 0 };
const MODES = { allow: 'full_send', ask: 'review_required', deny: 'blocked' };

/**
 * Makes the OpenClaw plugin's calls, in its order and with its fields. It decides for itself about each
 * message, and trusts only callbacks that are signed with its secret.
 */
export class OpenClawDouble {
  readonly client: Client;
  readonly agent: AgentDouble;
  connectionId = '';
  #secret = '';

  constructor(client: Client, agent: AgentDouble) {
    this.client = client;
    this.agent = agent;
  }

  #post(path: string, body: object, key?: string) {
    const headers = {
      'x-mahilo-client': 'openclaw-plugin',
      'x-mahilo-contract-version': '1.0.0',
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    return this.client.ok('POST', path, body, headers);
  }

  /** `mahilo setup`, and each start. */
  async connect(): Promise<void> {
    await this.client.ok('GET', '/auth/me');
    const connected = await this.#post('/agents', {
      framework: 'openclaw',
      label: 'default',
      mode: 'webhook',
      callback_url: this.agent.url,
      capabilities: ['chat'],
      description: 'OpenClaw gateway connection',
      rotate_secret: true,
    });
    assert.equal(connected.mode, 'webhook');
    this.connectionId = connected.connection_id;
    this.#secret = connected.callback_secret;
    assert.ok(this.#secret);
    const [listed] = await this.client.ok('GET', '/agents');
    assert.deepEqual([listed.id, listed.status], [this.connectionId, 'active']);
    assert.equal((await this.#post(`/agents/${this.connectionId}/ping`, {})).success, true);
  }

  /** `mahilo status`: both calls must succeed. */
  async status(): Promise<void> {
    await this.client.ok('GET', '/plugin/reviews?limit=1&status=open');
    await this.client.ok('GET', '/plugin/events/blocked?limit=1');
  }

  /** The tool send_message. @returns the answer. */
  async send(recipient: string, message: string, draft: Draft = {}) {
    const request = { recipient, recipient_type: 'user', sender_connection_id: this.connectionId, ...draft };
    const bundle = await this.#post('/plugin/bundles/direct-send', request);
    const { resolution_id } = bundle.bundle_metadata;
    return this.#decideAndSend(recipient, message, resolution_id, bundle.applicable_policies, draft);
  }

  /** The same to each member of a group. */
  async sendToGroup(group: string, message: string) {
    const request = { recipient: group, recipient_type: 'group', sender_connection_id: this.connectionId };
    const bundle = await this.#post('/plugin/bundles/group-fanout', request);
    const results = [];
    for (const { recipient, resolution_id, member_applicable_policies: own } of bundle.members as Member[]) {
      const policies = [...own, ...bundle.group_overlay_policies];
      results.push(
        await this.#decideAndSend(
          recipient.username,
          message,
          resolution_id,
          policies,
          {},
          { group_id: group },
        ),
      );
    }
    return results;
  }

  async #decideAndSend(
    recipient: string,
    message: string,
    resolution_id: string,
    policies: Policy[],
    draft: Draft,
    through: object = {},
  ) {
    const committed = await this.commit(recipient, message, resolution_id, policies, draft, through);
    if (committed.resolution.decision !== 'allow') return committed;
    return this.resume(recipient, message, resolution_id, draft);
  }

  async commit(
    recipient: string,
    message: string,
    resolution_id: string,
    policies: Policy[],
    draft: Draft = {},
    through: object = {},
  ) {
    const winner = decisive(policies, message);
    const decision = winner?.effect ?? 'allow';
    const delivery_mode = MODES[decision];
    const reason_code = winner
      ? `policy.${decision}.${winner.scope}.${winner.evaluator}`
      : 'policy.allow.no_match';
    return this.#post(
      '/plugin/local-decisions/commit',
      {
        ...this.#said(recipient, message, draft),
        ...through,
        resolution_id,
        local_decision: {
          decision,
          delivery_mode,
          reason_code,
          summary: `It is decided: ${decision}.`,
          ...(winner && { winning_policy_id: winner.id, matched_policy_ids: [winner.id] }),
          diagnostics: { diagnostic_version: '1.0.0', decision, delivery_mode, reason_code, resolution_id },
        },
      },
      resolution_id,
    );
  }

  async resume(recipient: string, message: string, resolution_id: string, draft: Draft = {}) {
    const said = { ...this.#said(recipient, message, draft), resolution_id, agent_session_id: randomUUID() };
    return this.#post('/messages/send', said, resolution_id);
  }

  #said(recipient: string, message: string, draft: Draft) {
    return {
      recipient,
      recipient_type: 'user',
      sender_connection_id: this.connectionId,
      message,
      payload_type: 'text/plain',
      ...draft,
    };
  }

  /** The tool set_boundaries, for one person. */
  async bound(username: string, effect: Policy['effect'], resource: string): Promise<void> {
    const { recipient } = await this.#post('/plugin/context', {
      sender_connection_id: this.connectionId,
      recipient: username,
      recipient_type: 'user',
      include_recent_interactions: false,
      interaction_limit: 1,
    });
    const selectors = { direction: 'outbound', resource, action: 'share' };
    const { created } = await this.#post('/plugin/overrides', {
      sender_connection_id: this.connectionId,
      kind: 'persistent',
      scope: 'user',
      target_id: recipient.id,
      selectors,
      effect,
      reason: 'Its person has said so.',
    });
    assert.equal(created, true);
  }

  /** The n-th callback; asserts that its signature is right. */
  async received(n = 1): Promise<Received['json']> {
    const { headers, body, json } = await this.agent.callback(n);
    const timestamp = String(headers['x-mahilo-timestamp']);
    const hmac = createHmac('sha256', this.#secret).update(`${timestamp}.${body}`).digest('hex');
    assert.equal(headers['x-mahilo-signature'], `sha256=${hmac}`);
    assert.ok(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300);
    assert.equal(json['recipient_connection_id'], this.connectionId);
    return json;
  }
}

/** The policy that decides: the most specific scope first, then the strictest effect; a group can only be stricter. */
function decisive(policies: Policy[], message: string): Policy | undefined {
  const matching = policies
    .filter(({ policy_content }) => matches(policy_content, message))
    .toSorted((one, other) => SEVERITY[other.effect] - SEVERITY[one.effect]);
  const of = (scope: Policy['scope']) => matching.find((policy) => policy.scope === scope);
  const [own, ofGroup] = [of('user') ?? of('role') ?? of('global'), of('group')];
  if (ofGroup === undefined) return own;
  return SEVERITY[ofGroup.effect] > SEVERITY[own?.effect ?? 'allow'] ? ofGroup : own;
}

function matches({ blockedPatterns, maxLength }: Policy['policy_content'], message: string): boolean {
  if (blockedPatterns === undefined && maxLength === undefined) return true;
  const isBlocked = (blockedPatterns ?? []).some((pattern) => new RegExp(pattern, 'i').test(message));
  return isBlocked || message.length > (maxLength ?? Number.POSITIVE_INFINITY);
}
