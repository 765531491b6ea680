import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { testApp } from './test-app.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
// Code compiled under other flags is useless to the next reader of Node's compile cache.
setFlagsFromString('--no-expose-gc');

/** Memory (bytes) in use after a collection. */
function usedHeap(): number {
  collect();
  return getHeapStatistics().used_heap_size;
}

const AGENTS = 60;
const CAPABILITIES = Array.from({ length: 50 }, (_, i) => `${'🌍'.repeat(60)}${String(i).padStart(4, '0')}`);

test('who writes a name in many ways makes the API remember it once', { timeout: 120_000 }, async () => {
  await using here = await testApp(() => ({}), { RATE_LIMIT: '100000' });
  const call = async (url: string, key: string | undefined, payload: object) => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const answer = await here.app.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload });
    assert.ok(answer.statusCode < 300, answer.body);
    return answer.json();
  };
  const register = async (username: string): Promise<string> =>
    (await call('/auth/register', undefined, { username })).api_key;
  const [ann, bob] = [await register('ann'), await register('bobbobbob')];
  for (let i = 0; i < AGENTS; i++) {
    await call('/agents', bob, {
      framework: 'f',
      label: `l${i}`,
      mode: 'polling',
      capabilities: CAPABILITIES,
    });
  }
  await call('/friends/request', ann, { username: 'bobbobbob' });
  await call('/friends/request', bob, { username: 'ann' });
  const send = (recipient: string, tags?: string[]) =>
    call('/messages/send', ann, { recipient, message: 'x', ...(tags && { routing_hints: { tags } }) });
  await send('bobbobbob');
  const before = usedHeap();
  for (let i = 1; i <= 150; i++) {
    await send([...'bobbobbob'].map((c, at) => ((i >> at) & 1 ? c.toUpperCase() : c)).join(''));
  }
  const grown = usedHeap() - before;
  assert.ok(grown < 20_000_000, `${grown} bytes for one name`);
  const hinted = await send('BOBbobbob', [CAPABILITIES[49] ?? '']);
  assert.equal(hinted.status, 'pending', 'capabilities are still read where a hint asks for them');
});
