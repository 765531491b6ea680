import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { ClientBase } from 'pg';
import { asLost, PostgresConnection } from './connection.ts';
import { ConnectionLost, isTransient } from './errors.ts';
import { Servers } from './servers.ts';
import { WriterDriver } from './writer.ts';

/** A client whose queries all fail with an error. */
class Failing extends EventEmitter {
  readonly asked: string[] = [];
  readonly #error: Error;

  constructor(error: Error) {
    super();
    this.#error = error;
  }

  async query({ text }: { text: string }): Promise<never> {
    this.asked.push(text);
    throw this.#error;
  }
}

function connectionOf(client: Failing): PostgresConnection {
  return new PostgresConnection(client as unknown as ClientBase);
}

for (const code of ['EPIPE', 'EPERM', 'ECONNRESET', 'ETIMEDOUT']) {
  test(`${code} is of the system and not of the server: the connection is lost, and the same may succeed later`, async () => {
    const error = Object.assign(new Error(`write ${code}`), { code });
    assert.ok(asLost(error) instanceof ConnectionLost);
    const connection = connectionOf(new Failing(error));
    await assert.rejects(connection.run('select 1'), isTransient);
    assert.equal(connection.isUsable, false);
  });
}

test('what the server answers stays what it is', () => {
  for (const code of ['23505', '57P01', 'XX000', 'P0001', 'HV000']) {
    const error = Object.assign(new Error('from the server'), { code });
    assert.equal(asLost(error), error);
  }
});

test('a transaction whose server is gone is not rolled back there, which would take as long as the answer that never came', async () => {
  const client = new Failing(new Error('Query read timeout'));
  const connection = connectionOf(client);
  const driver = new WriterDriver(new Servers('postgres://db/mahilo'), 'writer', 'alone');
  await assert.rejects(connection.command('commit'), ConnectionLost);
  await driver.rollbackTransaction(connection);
  assert.deepEqual(client.asked, ['commit']);
});
