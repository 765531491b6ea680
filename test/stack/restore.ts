import assert from 'node:assert/strict';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { Receiver } from './receiver.ts';
import type { Stack } from './stack.ts';

interface People {
  ann: Client;
  ben: Client;
}

/** Makes a backup of the running stack, and puts it back: what came later is gone, what came before is there. */
export async function backUpAndRestore(
  stack: Stack,
  { ann, ben }: People,
  receiver: Receiver,
): Promise<void> {
  const { message_id: earlier } = await ann.send(ben, 'before the backup');
  const file = /\/app\/backups\/\S+\.db/.exec(
    stack.admin('backup', '--to', '/app/backups', '--keep-days', '30'),
  )?.[0];
  assert.ok(file, 'The backup does not say where it is.');
  const { message_id: later } = await ann.send(ben, 'after the backup');

  stack.compose('stop', 'api', 'worker');
  stack.admin('restore', file);
  stack.compose('start', 'api', 'worker');
  await stack.healthy('api');

  const statusOf = async (id: string) => (await ann.call('GET', `/messages/${id}`)).status;
  assert.deepEqual([await statusOf(earlier), await statusOf(later)], [200, 404]);
  const { message_id: next } = await ann.send(ben, 'after the restore');
  await eventually(() => receiver.timesReceived.has(earlier) && receiver.timesReceived.has(next), 60_000);
}
