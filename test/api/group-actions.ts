import type { Client } from '../world/client.ts';

export const invite = (by: Client, id: string, whom: Client) =>
  by.call('POST', `/groups/${id}/invite`, { username: whom.username });
export const join = (who: Client, id: string) => who.call('POST', `/groups/${id}/join`);
export const leave = (who: Client, id: string) => who.call('DELETE', `/groups/${id}/leave`);
export const remove = (by: Client, id: string, whom: Client) =>
  by.call('DELETE', `/groups/${id}/members/${whom.username}`);
export const setRole = (by: Client, id: string, whom: Client, role: string) =>
  by.call('PATCH', `/groups/${id}/members/${whom.username}`, { role });
export const transfer = (by: Client, id: string, to: Client) =>
  by.call('POST', `/groups/${id}/transfer`, { username: to.username });

export async function rolesOf(who: Client, id: string): Promise<Record<string, string>> {
  const members: { username: string; role: string; status: string }[] = await who.ok(
    'GET',
    `/groups/${id}/members`,
  );
  return Object.fromEntries(
    members.map(({ username, role, status }) => [username, status === 'active' ? role : status]),
  );
}
