import pLimit from 'p-limit';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps } from '../deps.ts';
import { type Accepted, acceptMessages, type SendRequest } from './accept.ts';
import { answeredAgent } from './answered-agent.ts';
import { countDeliveriesOf } from './idempotency.ts';
import { routeMessage } from './route-message.ts';
import { routeToGroup } from './route-to-group.ts';
import { RoutingCache } from './routing-cache.ts';

/**
 * Messages to groups that are written in one transaction at most. One to a thousand members takes 30 ms, in which nobody
 * else can write.
 */
const GROUPS_AT_ONCE = 4;

/**
 * Accepts a message in a transaction. Once it resolves, the message outlives any crash.
 * @throws MahiloError as `routeMessage`, `routeToGroup` and `repeatedOf` do.
 */
export type Accept = (request: SendRequest) => Promise<Accepted>;

/** What accepting works with. `chargeGroup` takes what a message to so many members costs its sender, or refuses it. */
export type AcceptorDeps = ApiDeps & {
  quota: SendQuota;
  chargeGroup(senderId: string, members: number): void;
};

/** Accepts messages to users; those that arrive together share their statements. */
export function userAcceptor(deps: AcceptorDeps): Accept {
  const routing = new RoutingCache();
  const submit = deps.db.batched<SendRequest, Accepted>(async (trx, requests, accessVersion) => {
    routing.refresh(accessVersion);
    return acceptMessages(deps, trx, requests, async ({ sender, send }) =>
      routeMessage(
        await routing.find(trx, sender.id, send.recipient),
        send,
        await answeredAgent(trx, send.in_response_to, sender.id),
      ),
    );
  });
  return (request) => submit(request.sender, request);
}

/** Accepts messages to groups, each by itself: its cost depends on the group. */
export function groupAcceptor(deps: AcceptorDeps): Accept {
  const inTurn = pLimit(GROUPS_AT_ONCE);
  const accept: Accept = (request) =>
    deps.db.write(request.sender, async (trx) => {
      const [outcome] = await acceptMessages(deps, trx, [request], ({ sender, send }) =>
        routeToGroup(trx, sender.id, send, (members) => deps.chargeGroup(sender.id, members)),
      );
      if (outcome?.ok !== true) throw outcome?.error;
      const { value: accepted } = outcome;
      if (!accepted.isEarlier) return accepted;
      return { ...accepted, recipients: await countDeliveriesOf(trx, accepted.message_id) };
    });
  return (request) => inTurn(accept, request);
}
