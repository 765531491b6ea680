import { GROUP_LINE, groupReplyTo } from './conversation.ts';
import { InboxAgent, type InboxAgentOptions } from './inbox-agent.ts';
import { Person } from './person.ts';
import { type Company, news, type Stage } from './stage.ts';
import { until } from './wait.ts';

const GROUP = 'roof';
/** Higher than that of the agent that takes callbacks. */
const HIGH_PRIORITY = 10;

/** Act four: a group of three agents, each reached in its own way. */
export async function gatherOnTheRoof(stage: Stage, onError: (error: unknown) => void): Promise<Company> {
  const { narrator, nora, theo } = stage;
  narrator.heading('4  Three in a group, each reached in another way');
  const owner = await Person.register(stage.registry.url, 'mira');
  const mira = await bringOn(stage, { owner, label: 'telescope', priority: 0, how: 'polled' });
  narrator.line('mira', 'Registers; “telescope” has no address, so it polls.');
  mira.poll().catch(onError);
  const phone = { owner: nora.owner, label: 'phone', priority: HIGH_PRIORITY, how: 'live' };
  const watcher = await bringOn(stage, phone);
  narrator.line('nora', '“phone” has none either: it watches the live stream.');
  let isOpen = false;
  watcher
    .watch((type, data) => {
      isOpen = true;
      if (type !== 'group_join') return;
      const text = `Live: ${String(data['username'])} has joined “${String(data['group_name'])}”.`;
      narrator.line('nora', text);
    })
    .catch(onError);
  await until('the live stream', () => isOpen || undefined);

  const groupId = await makeGroup(nora.owner, [theo.owner, owner]);
  await nora.owner.send(groupId, GROUP_LINE, { recipient_type: 'group' });
  narrator.line('nora → all', GROUP_LINE);
  const taken = () => [
    ...news(theo).filter(({ group_id }) => group_id === groupId),
    ...mira.taken,
    ...watcher.taken,
  ];
  // The question and two answers, each to two others.
  await until('everybody in the group to have everything', () => (taken().length === 6 ? true : undefined));
  return { taken };
}

type Entrance = Pick<InboxAgentOptions, 'owner' | 'label' | 'priority'> & { how: string };

async function bringOn({ narrator }: Stage, { how, ...entrance }: Entrance): Promise<InboxAgent> {
  const agent = new InboxAgent({
    ...entrance,
    reply: ({ message }) => groupReplyTo(entrance.owner.username, message),
    onTaken: (taker, { sender, message, group_id }) => {
      const text = group_id === undefined ? message : `${how}: ${message}`;
      narrator.line(`${sender} → ${taker.owner.username}`, text);
    },
  });
  await agent.connect();
  return agent;
}

/** @returns the id of a group of these people. */
async function makeGroup(owner: Person, members: readonly Person[]): Promise<string> {
  const { group_id } = (await owner.call('POST', '/groups', { name: GROUP })) as { group_id: string };
  for (const member of members) {
    await owner.call('POST', `/groups/${group_id}/invite`, { username: member.username });
    await member.call('POST', `/groups/${group_id}/join`);
  }
  return group_id;
}
