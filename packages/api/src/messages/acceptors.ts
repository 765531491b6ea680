import pLimit from 'p-limit';
import { chargedOnce } from '../bounds/charge-for-group.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps } from '../deps.ts';
import { type Accepted, acceptMessages, type SendRequest } from './accept.ts';
import { answeredAgent } from './answered-agent.ts';
import { countDeliveriesOf } from './idempotency.ts';
import { routeMessage } from './route-message.ts';
import { routeToGroup } from './route-to-group.ts';
import { type Pair, RoutingCache } from './routing-cache.ts';

/**
 * Most messages to groups in one transaction. One to a thousand members takes 30 ms, in which nobody else can write.
 */
const GROUPS_AT_ONCE = 4;

/**
 * Accepts a message in a transaction. Once it resolves, the message survives any crash.
 * @throws MahiloError as `routeMessage`, `routeToGroup` and `repeatedOf` do.
 */
export type Accept = (request: SendRequest) => Promise<Accepted>;

/** What accepting needs. `chargeGroup` charges the sender for a message to so many members, or refuses it. */
export type AcceptorDeps = ApiDeps & {
  quota: SendQuota;
  chargeGroup(senderId: string, members: number): void;
};

/** Accepts messages to users; those that arrive together share their statements. */
export function userAcceptor(deps: AcceptorDeps): Accept {
  const routing = new RoutingCache();
  const submit = deps.db.batched<SendRequest, Accepted>(async (trx, requests, accessVersion) => {
    routing.refresh(accessVersion);
    await routing.learn(trx, requests.map(pairOf));
    return acceptMessages(deps, trx, requests, async (request) => {
      const { sender, send } = request;
      return routeMessage(
        await routing.find(trx, pairOf(request)),
        send,
        await answeredAgent(trx, send.in_response_to, sender.id),
      );
    });
  }, usesPolicyUp);
  return (request) => submit(request.sender, request);
}

/** Of a policy's last use there is one: who looks for it must be alone. */
function usesPolicyUp({ policyUsed }: SendRequest): boolean {
  return policyUsed !== undefined;
}

function pairOf({ sender, send }: SendRequest): Pair {
  return { senderId: sender.id, recipient: send.recipient };
}

/** Accepts messages to groups, each separately, since its cost depends on the group. */
export function groupAcceptor(deps: AcceptorDeps): Accept {
  const inTurn = pLimit(GROUPS_AT_ONCE);
  const accept: Accept = (request) => {
    const charge = chargedOnce((members: number) => deps.chargeGroup(request.sender.id, members));
    const write = usesPolicyUp(request) ? deps.db.write : deps.db.writeBeside;
    return write(request.sender, async (trx) => {
      const [outcome] = await acceptMessages(deps, trx, [request], ({ sender, send }) =>
        routeToGroup(trx, sender.id, send, charge),
      );
      if (outcome?.ok !== true) throw outcome?.error;
      const { value: accepted } = outcome;
      if (!accepted.isEarlier) return accepted;
      return { ...accepted, recipients: await countDeliveriesOf(trx, accepted.message_id) };
    });
  };
  return (request) => inTurn(accept, request);
}
