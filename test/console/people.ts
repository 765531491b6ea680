import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { World } from '../world/world.ts';
import { hostile } from './hostile-texts.ts';

/** Somebody who uses the registry, and the ids of what they have. */
export interface Resident {
  person: Client;
  /** That answers, does not, and fetches. */
  agents: { well: string; failing: string; polling: string };
  friend: string;
  groupId: string;
  policyId: string;
  messageId: string;
  deliveryId: string;
  /** A link that makes friends of who opens it, as its maker gets it. */
  friendLink: string;
}

/**
 * A registry as it is after a while: Nora has agents of which one is in trouble, friends, requests, groups, policies, messages
 * that wait for her, conversations, and dead letters. It takes `TRUSTED_MODE`.
 */
export async function populate(world: World): Promise<Resident> {
  const [nora, theo, mira, sam] = [
    await world.nobody.register('nora'),
    await world.nobody.register('theo'),
    await world.nobody.register('mira'),
    await world.nobody.register('sam'),
  ];
  await world.nobody.register('kim');
  await nora.ok('PATCH', '/auth/me', { display_name: 'Nora Lind' });
  await theo.ok('PATCH', '/auth/me', { display_name: 'Theo Park' });
  for (const friend of [theo, sam]) await friend.befriend(nora);
  await mira.ok('POST', '/friends/request', { username: 'nora' });
  await nora.ok('POST', '/friends/request', { username: 'kim' });
  const { friendship_id } = await (await world.nobody.register('spammer')).ok('POST', '/friends/request', {
    username: 'nora',
  });
  await nora.ok('POST', `/friends/${friendship_id}/block`);
  const { token } = await theo.ok('POST', '/friends/links');
  await nora.ok('POST', '/friends/links');
  const agents = await agentsOf(world, nora, theo);
  const groupId = await groupsOf(nora, [theo, sam, mira]);
  const said = await conversations(nora, theo, sam, { agents, groupId });
  const policyId = await policiesOf(nora);
  await nora.ok('POST', '/auth/keys', { name: 'the script that only looks', scope: 'read' });
  await eventually(async () => (await nora.ok('GET', '/deliveries?status=failed')).length === 2);
  return {
    person: nora,
    agents,
    friend: 'theo',
    groupId,
    policyId,
    friendLink: token,
    ...said,
  };
}

async function agentsOf(world: World, nora: Client, theo: Client): Promise<Resident['agents']> {
  const [good, bad] = [await world.startAgent(), await world.startAgent()];
  bad.behave = (_request, response) => response.writeHead(503).end('The upstream service is asleep.');
  const connect = async (person: Client, framework: string, label: string, more: object): Promise<string> =>
    (await person.ok('POST', '/agents', { framework, label, ...more })).connection_id;
  await connect(theo, 'langgraph', 'stargazer', { callback_url: good.url, description: 'Looks at the sky' });
  return {
    well: await connect(nora, 'crewai', 'planner', {
      callback_url: good.url,
      routing_priority: 10,
      description: 'Plans the week, and knows who is where.',
      capabilities: ['calendar', 'travel'],
    }),
    failing: await connect(nora, 'crewai', 'cloud', { callback_url: bad.url }),
    polling: await connect(nora, 'script', 'laptop', { mode: 'polling' }),
  };
}

/** @returns the one that she runs. */
async function groupsOf(nora: Client, [theo, sam, mira]: readonly Client[]): Promise<string> {
  const { group_id } = await nora.ok('POST', '/groups', {
    name: 'roof-club',
    description: 'Who looks at stars from our roof, and who brings the tea.',
  });
  for (const one of [theo, sam, mira]) {
    await nora.ok('POST', `/groups/${group_id}/invite`, { username: one?.username });
  }
  for (const one of [theo, sam]) await one?.ok('POST', `/groups/${group_id}/join`);
  const { group_id: other } = (await mira?.ok('POST', '/groups', { name: 'book-club' })) ?? {};
  await mira?.ok('POST', `/groups/${other}/invite`, { username: 'nora' });
  return group_id;
}

async function conversations(
  nora: Client,
  theo: Client,
  sam: Client,
  { agents, groupId }: Pick<Resident, 'agents' | 'groupId'>,
): Promise<Pick<Resident, 'messageId' | 'deliveryId'>> {
  const stars = { correlation_id: 'stars on Friday' };
  const asked = await theo.send(nora, 'Is the roof free on Friday? Saturn is up at nine.', stars);
  await theo.send(nora, 'Shall I bring the large telescope?', stars);
  await nora.send(theo, 'It is free. Come at eight, and do bring it.', {
    ...stars,
    in_response_to: asked.message_id,
  });
  await theo.send(nora, 'bm9ib2R5LWNhbi1yZWFkLXRoaXM', {
    payload_type: 'application/mahilo+ciphertext',
    encryption: { alg: 'x25519', key_id: 'key-of-nora-2026-11' },
  });
  await sam.send(nora, 'The train leaves at 7:52 from platform 4.', { correlation_id: 'trip to the lake' });
  await sam.send(nora, 'Notes of last week', { recipient_connection_id: agents.polling });
  const failed = await theo.send(nora, 'A copy for the archive', {
    recipient_connection_id: agents.failing,
  });
  await sam.send(nora, 'And one of mine', { recipient_connection_id: agents.failing });
  await theo.ok('POST', '/messages/send', {
    recipient: groupId,
    recipient_type: 'group',
    message: 'Clear until midnight, says the weather service.',
  });
  return { messageId: asked.message_id, deliveryId: failed.delivery_id };
}

/** @returns the first, which denies. */
async function policiesOf(nora: Client): Promise<string> {
  const rules = (more: object) => ({ scope: 'global', evaluator: 'structured', ...more });
  const { policy_id } = await nora.ok(
    'POST',
    '/policies',
    rules({ effect: 'deny', priority: 10, policy_content: { blockedPatterns: ['\\b\\d{16}\\b'] } }),
  );
  await nora.ok(
    'POST',
    '/policies',
    rules({ effect: 'ask', policy_content: { blockedPatterns: ['address'] } }),
  );
  await nora.ok('POST', '/policies', {
    scope: 'user',
    target_id: 'sam',
    evaluator: 'llm',
    effect: 'deny',
    policy_content: 'Say nothing about my health.',
    enabled: false,
  });
  const message = 'My address is 12 Hill Road; the key is under the third stone.';
  await nora.call('POST', '/messages/send', { recipient: 'theo', message });
  await nora.call('POST', '/messages/send', {
    recipient: 'theo',
    message: 'Card 4111111111111111, as you asked',
  });
  return policy_id;
}

/** Adds people with bad texts wherever texts may be, and what they do to somebody. */
export async function populateBadly(world: World, { person, agents }: Resident): Promise<void> {
  const group = await person.ok('POST', '/groups', { name: 'g'.repeat(100), description: hostile(7, 500) });
  for (let n = 0; n < 10; n += 1) {
    const bad = await world.nobody.register(`bad-friend-with-a-long-name-${n}`);
    await bad.ok('PATCH', '/auth/me', { display_name: hostile(n, 100) });
    await (n === 9
      ? bad.ok('POST', '/friends/request', { username: person.username })
      : person.befriend(bad));
    const agent = {
      framework: hostile(n, 50),
      label: hostile(n, 50),
      description: hostile(n, 500),
      capabilities: [hostile(n, 64)],
      mode: 'polling',
    };
    await bad.ok('POST', '/agents', agent);
    await person.ok('POST', '/agents', agent);
    await person.ok('POST', `/groups/${group.group_id}/invite`, { username: bad.username });
    await person.ok('POST', '/policies', {
      scope: n % 2 || n === 9 ? 'global' : 'user',
      ...(n % 2 || n === 9 ? {} : { target_id: bad.username }),
      evaluator: 'heuristic',
      effect: 'ask',
      policy_content: { blockedPatterns: [hostile(n, 200).replaceAll(/[^\w<> =]/g, '.')], maxLength: 0 },
    });
    if (n === 9) continue;
    await bad.send(person, hostile(n, 1000), {
      correlation_id: hostile(n, 255),
      context: hostile(n, 1000),
      in_response_to: hostile(n, 255),
      recipient_connection_id: agents.failing,
    });
    await person.call('POST', '/messages/send', {
      recipient: bad.username,
      message: hostile(n, 1000),
      context: hostile(n, 1000),
    });
  }
  await person.ok('PATCH', '/auth/me', { display_name: hostile(5, 100) });
  await person.ok('POST', '/auth/keys', { name: hostile(0, 100), scope: 'read' });
  await world.admin(['invites', 'create', '--note', hostile(7, 200)]);
}
