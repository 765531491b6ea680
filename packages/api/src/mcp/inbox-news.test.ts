import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ServerEvent } from '@modelcontextprotocol/server';
import type { EventListener } from '../live/feed.ts';
import { inboxNews } from './inbox-news.ts';
import type { Session } from './session.ts';

const HEARTBEAT_MS = 1000;

/** A subscription of a client that reads, or does not. */
function subscribed(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const raw = Object.assign(new EventEmitter(), { writableNeedDrain: false });
  const told: ServerEvent[] = [];
  let hear: EventListener = () => undefined;
  let ended = 0;
  let isKeyValid = true;
  let version = 1;
  const session = {
    caller: { id: 'usr_1', username: 'ann', expiresAt: null },
    reply: { raw },
    isKeyValid: async () => isKeyValid,
    deps: {
      clock: { now: () => 0 },
      db: { accessVersion: async () => version },
      settings: { STREAM_HEARTBEAT_MS: HEARTBEAT_MS },
      feed: {
        subscribe(_userId: string, listener: EventListener) {
          hear = listener;
          return { ready: Promise.resolve(), [Symbol.dispose]() {} };
        },
      },
    },
  } as unknown as Session;
  const stop = inboxNews(session, () => {
    ended += 1;
  }).subscribe((event) => told.push(event));
  t.after(stop);
  return {
    raw,
    told,
    endings: () => ended,
    async happens(type: 'message_received' | 'delivery_status') {
      hear({ id: 1, type, timestamp: '', data: {} }, version);
      await turn();
    },
    async beat() {
      t.mock.timers.tick(HEARTBEAT_MS);
      await turn();
    },
    replaceKey() {
      isKeyValid = false;
      version += 1;
    },
  };
}

test('only a new message is news', async (t) => {
  const here = subscribed(t);
  await here.happens('delivery_status');
  await here.happens('message_received');
  assert.deepEqual(here.told, [{ kind: 'resource_updated', uri: 'mahilo://ann/inbox' }]);
});

test('a client that has no room is told once when it has, however much happened', async (t) => {
  const here = subscribed(t);
  here.raw.writableNeedDrain = true;
  for (let n = 0; n < 10_000; n += 1) await here.happens('message_received');
  await here.beat();
  assert.equal(here.told.length, 0);
  here.raw.writableNeedDrain = false;
  here.raw.emit('drain');
  await turn();
  await here.beat();
  await here.beat();
  assert.equal(here.told.length, 1);
  assert.equal(here.endings(), 0);
});

test('a client that reads nothing for two heartbeats is let go', async (t) => {
  const here = subscribed(t);
  here.raw.writableNeedDrain = true;
  await here.happens('message_received');
  await here.beat();
  assert.equal(here.endings(), 0);
  await here.beat();
  assert.equal(here.endings(), 1);
});

test('a key that was replaced hears nothing more, and the next heartbeat would find out, too', async (t) => {
  const here = subscribed(t);
  await here.happens('message_received');
  here.replaceKey();
  await here.happens('message_received');
  assert.equal(here.told.length, 1);
  assert.equal(here.endings(), 1);
  await here.beat();
  assert.equal(here.endings(), 2);
});
