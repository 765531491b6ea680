import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Work } from '@mahilo/shared/db/write';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { BesideWriter, waiting } from '@mahilo/shared/test/postgres/beside-writer';
import type { Caller } from '../src/access/caller.ts';
import { nothingTaken } from '../src/bounds/send-quota.ts';
import { type Accepted, acceptMessages } from '../src/messages/accept.ts';
import { idempotencyKeyOf } from '../src/messages/idempotency.ts';

/** Accepts a message to an agent, as each of two API processes does that were sent the same. */
function accepting(here: TestDatabase, connectionId: string): Work<Accepted | undefined> {
  const send = { recipient: 'ben', message: 'hello' };
  const sender = { id: here.sender, username: 'ann' } as Caller;
  const idempotency = idempotencyKeyOf(sender.id, 'the-key', send);
  const taken = nothingTaken();
  const request = { sender, send, idempotency, violation: undefined, policyUsed: undefined, taken };
  const route = {
    recipientId: here.recipient,
    recipient: 'ben',
    senderAgent: 'agent',
    senderConnectionId: null,
    targets: [{ recipientId: here.recipient, connectionId }],
  };
  return async (trx) => {
    const deps = { ...here, quota: { take: () => undefined } };
    const [outcome] = await acceptMessages(deps, trx, [request], async () => route);
    return outcome?.ok ? outcome.value : undefined;
  };
}

for (const guard of [undefined, 'keys'] as const) {
  const name = guard ? 'control: without the lock of the key it is two' : 'is one, and has one answer';
  test(`what two processes are sent under one idempotency key at once ${name}`, async () => {
    await using here = await testDatabase();
    const connectionId = await here.addConnection();
    await using one = new BesideWriter(here.store, 'one', guard);
    await using other = new BesideWriter(here.store, 'other', guard);
    const commit = await one.begun(accepting(here, connectionId));
    const repeated = other.write(accepting(here, connectionId));
    await waiting(here.store, 2, repeated);
    const [first, second] = [await commit(), await repeated];
    const messages = await here.db.kysely.selectFrom('messages').select('id').execute();
    assert.equal(messages.length, guard ? 2 : 1);
    assert.equal(second?.isEarlier, guard === undefined);
    assert.equal(first?.message_id === second?.message_id, guard === undefined);
  });
}
