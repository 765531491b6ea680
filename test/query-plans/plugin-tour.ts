import type { Client } from '../world/client.ts';

/** What agents do that decide for themselves: commit, send what was allowed, and erase what was held. */
export async function plugin(ann: Client, group: string): Promise<void> {
  const sender_connection_id = await ann.connectPolling('default');
  const request = { sender_connection_id, recipient: 'cid', message: 'hello', context: 'decided' };
  const commit = (resolution_id: string, local_decision: object, more: object = {}) =>
    ann.ok('POST', '/plugin/local-decisions/commit', {
      ...request,
      resolution_id,
      local_decision,
      group_id: group,
      ...more,
    });
  const allow = { decision: 'allow', delivery_mode: 'full_send' };
  await ann.ok('POST', '/plugin/bundles/direct-send', { recipient: 'ben' });
  const { policy_id } = await ann.ok('POST', '/plugin/overrides', {
    sender_connection_id,
    kind: 'one_time',
    scope: 'global',
    selectors: {},
    reason: 'for the tour',
  });
  const winner = { ...allow, winning_policy_id: policy_id };
  await commit('res_allow', winner, { idempotency_key: 'allow' });
  for (let n = 0; n < 2; n += 1)
    await ann.ok('POST', '/messages/send', { ...request, resolution_id: 'res_allow' });
  await ann.call('POST', '/plugin/local-decisions/commit', {
    ...request,
    resolution_id: 'res_gone',
    local_decision: { decision: 'deny', delivery_mode: 'blocked', winning_policy_id: 'pol_gone' },
    group_id: group,
  });
  await ann.ok('POST', '/plugin/bundles/group-fanout', { recipient: group });
  await ann.ok('POST', '/plugin/context', { sender_connection_id, recipient: 'ben' });
  for (const to of [{ recipient: 'ben' }, { recipient: group, recipient_type: 'group' }])
    await ann.ok('POST', '/plugin/resolve', { ...to, message: 'hello' });
  const held = await commit('res_ask', { decision: 'ask', delivery_mode: 'review_required' });
  for (const list of ['reviews', 'events/blocked']) await ann.ok('GET', `/plugin/${list}?limit=1`);
  await ann.ok('DELETE', `/messages/${held.message_id}`);
}
