import type { Client } from '../world/client.ts';
import type { Surroundings } from '../world/surroundings.ts';

/** Registered at the same time: enough to share commits. */
const BATCH = 100;

export const toGroup = (sender: Client, id: string, message: string, more: Record<string, unknown> = {}) =>
  sender.ok('POST', '/messages/send', { recipient: id, recipient_type: 'group', message, ...more });

/** People in an open group of the owner, with one agent each at the same URL. */
export async function gather(world: Surroundings, url: string, count: number) {
  const owner = await world.newcomer('owner');
  const { group_id: id } = await owner.ok('POST', '/groups', { name: 'Everybody', invite_only: false });
  const members: Client[] = [];
  while (members.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - members.length) }, async (_, n) => {
      const member = await world.newcomer(`member-${members.length + n}`);
      await member.connect(url);
      await member.ok('POST', `/groups/${id}/join`);
      return member;
    });
    members.push(...(await Promise.all(batch)));
  }
  return { owner, id, members };
}
