import assert from 'node:assert/strict';
import { upgrade, WebSocketWatcher } from '../live/clients.ts';
import type { Surroundings } from '../world/surroundings.ts';

/** Asks in every way that puts an API key where it may end up in a log. */
export async function askWithKeyInUrl(world: Surroundings, key: string): Promise<void> {
  for (const path of ['notifications/ws', 'notifications/ws/', 'events', 'nowhere', 'notifications/ws%']) {
    const watcher = new WebSocketWatcher(`${world.url}/api/v1/${path}?api_key=${key}`, {});
    await watcher.begun();
    await watcher[Symbol.asyncDispose]();
    await world.nobody.call('GET', `/${path}?api_key=${key}`);
    await world.nobody.call('POST', `/${path}?api_key=${key}`, '{');
  }
  // Keys do not belong here.
  for (const misplaced of [key, key.replaceAll('_', '%5F'), `%6D${key.slice(1)}`]) {
    await world.nobody.call('GET', `/messages/${misplaced}`);
    await world.nobody.call('GET', `/${'x'.repeat(150)}/${misplaced}`);
  }
  const answer = await world.nobody.call('GET', '/auth/me', undefined, { 'x-request-id': key });
  assert.match(String(answer.headers.get('x-request-id')), /^req_/);
  assert.equal((await upgrade(`${world.url}/api/v1/notifications/ws?api_key=${key}`)).status, 400);
}
