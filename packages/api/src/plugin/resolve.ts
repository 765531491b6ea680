import { isoTime } from '@mahilo/shared/clock';
import type { Caller } from '../access/caller.ts';
import { resolutionId } from '../decisions/resolution-id.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../messages/accept.ts';
import { answeredAgent } from '../messages/answered-agent.ts';
import { checkEncryption } from '../messages/encryption.ts';
import { routeMessage } from '../messages/route-message.ts';
import { routeToGroup } from '../messages/route-to-group.ts';
import { findRoutingFacts } from '../messages/routing-cache.ts';
import type { Send } from '../messages/schemas.ts';
import { assertSize } from '../messages/send.ts';
import { type Judgement, summaryOf } from '../policies/judge.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import { sendSelectors } from '../policies/selectors.ts';
import { CONTRACT_VERSION } from './fields.ts';
import { reachableMembers } from './group-members.ts';
import { senderConnection } from './sender-connection.ts';

/** What previews tell of their age (ms). */
const VALID_MS = 300_000;

const MODE = { allow: 'full_send', ask: 'review_required', deny: 'blocked' } as const;
const GUIDANCE = {
  allow: 'It would be sent now. Send it with POST /messages/send, which judges again.',
  ask: 'It would be held until you decide. Ask your person first.',
  deny: 'It would be refused. Do not send it.',
} as const;
const PREVIEW_ONLY = {
  reason_code: 'plugin.resolve.preview_only',
  resolution_summary: 'Preview only. The registry does not judge this message.',
  agent_guidance: 'Evaluate the policies yourself. Do not treat this as send authorization.',
};

type ResolveDeps = ApiDeps & {
  enforcer: PolicyEnforcer;
  chargeGroup(senderId: string, members: number): void;
};

/**
 * What would become of a message. Writes nothing, and allows nothing.
 * @throws MahiloError as a send does, but for what is not looked at: keys, quota and an earlier decision
 */
export async function previewSend(deps: ResolveDeps, user: Caller, send: Send) {
  assertSize(send.message, deps.settings.MAX_PAYLOAD_SIZE);
  checkEncryption(send);
  const selectors = sendSelectors(send);
  const { kysely } = deps.db;
  await senderConnection(kysely, user.id, send.sender_connection_id);
  const route = await routeOf(deps, user, send);
  const judgement = await deps.enforcer.judge(user, { ...send, selectors });
  const decision = judgement?.effect ?? 'allow';
  const delivery_mode = MODE[decision];
  const names = await namesOf(deps, user, route);
  return {
    contract_version: CONTRACT_VERSION,
    resolution_id: send.resolution_id ?? resolutionId('res', deps.random),
    decision,
    delivery_mode,
    ...(judgement === undefined ? PREVIEW_ONLY : told(judgement)),
    server_selectors: selectors,
    resolved_recipient: {
      recipient: route.recipient,
      recipient_connection_id: route.group === undefined ? (route.targets[0]?.connectionId ?? null) : null,
      recipient_type: send.recipient_type ?? ('user' as const),
    },
    review: { required: decision === 'ask', review_id: null },
    recipient_results: names.map((recipient) => ({ recipient, decision, delivery_mode })),
    expires_at: isoTime(deps.clock.now() + VALID_MS),
  };
}

function told(judgement: Judgement) {
  return {
    reason_code: judgement.reasonCode,
    resolution_summary: summaryOf(judgement),
    agent_guidance: GUIDANCE[judgement.effect],
  };
}

async function routeOf(
  { db: { kysely }, chargeGroup }: ResolveDeps,
  user: Caller,
  send: Send,
): Promise<Route> {
  if (send.recipient_type === 'group') {
    return routeToGroup(kysely, user.id, send, (members) => chargeGroup(user.id, members));
  }
  const answered = await answeredAgent(kysely, send.in_response_to, user.id);
  return routeMessage(await findRoutingFacts(kysely, user.id, send.recipient), send, answered);
}

/** The names of the people whom a message would reach. */
async function namesOf({ db: { kysely } }: ResolveDeps, user: Caller, { group, recipient, targets }: Route) {
  if (group === undefined) return [recipient];
  const reached = new Set(targets.map(({ recipientId }) => recipientId));
  const members = await reachableMembers(kysely, user.id, user.id, user.id, group.id, user.id);
  return members.filter(({ id }) => reached.has(id)).map(({ username }) => username);
}
