import type { Client } from '../world/client.ts';
import type { Environment } from '../world/process.ts';
import type { World } from '../world/world.ts';

/**
 * Ann as the operator at a browser: looks at everything but what a tool finds out for her, and does to Ben and his agent
 * what can be done.
 */
export async function operator(world: World, ofTools: Environment, ann: Client): Promise<void> {
  await world.admin(['users', 'grant-operator', 'ann'], ofTools);
  const { stdout } = await world.admin(['users', 'operator-link', 'ann', '--json'], ofTools);
  const nobody = ann.as('', '');
  const signedIn = await nobody.call('POST', '/auth/sessions', {
    link_token: JSON.parse(stdout).link.split('=')[1],
  });
  const [cookie = ''] = signedIn.headers.get('set-cookie')?.split(';') ?? [];
  const browser = { cookie, 'sec-fetch-site': 'same-origin' };
  const ask = (method: string, path: string, body?: unknown) =>
    nobody.ok(method, `/admin${path}`, body, browser);
  for (const path of [
    '/settings',
    '/dead-letters',
    '/users?q=b&limit=1',
    '/users?disabled=true',
    '/invites',
    '/audit',
    '/processes',
    '/stats?range=1h',
  ]) {
    await ask('GET', path);
  }
  await ask('GET', '/queue');
  const { agents } = await ask('GET', '/queue?by=agent');
  const agent = agents.find((one: { mode: string }) => one.mode === 'callback');
  for (const [change, body] of Object.entries({ hold: { reason: 'a tour' }, release: {}, 'try-now': {} })) {
    await ask('POST', `/agents/${agent.connection_id}/${change}`, body);
  }
  for (const dry_run of [true, false]) await ask('POST', '/deliveries/requeue', { dry_run });
  const { user_id } = await ask('POST', '/users', { username: 'dan' });
  await ask('GET', `/users/${user_id}`);
  await ask('POST', `/users/${user_id}/sign-in-link`, {});
  await ask('POST', `/users/${user_id}/reset-key`, {});
  for (const disabled of [true, false]) await ask('PATCH', `/users/${user_id}`, { disabled });
  await ask('DELETE', `/users/${user_id}`);
  const { id } = await ask('POST', '/invites', {});
  await ask('DELETE', `/invites/${id}`);
  await world.admin(['users', 'withdraw-operator', 'ann'], ofTools);
}
