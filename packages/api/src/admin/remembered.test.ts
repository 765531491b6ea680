import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { Memory } from './remembered.ts';

test('however many ask, one looks; what was looked at before a change is not remembered after it', async () => {
  const looks: PromiseWithResolvers<string>[] = [];
  const memory = new Memory(new SettableClock(), 1000, () => {
    const look = Promise.withResolvers<string>();
    looks.push(look);
    return look.promise;
  });
  const before = [memory.get(), memory.get()];
  assert.equal(looks.length, 1);
  memory.forget();
  const after = [memory.get(), memory.get()];
  assert.equal(looks.length, 1, 'never two at once');
  looks[0]?.resolve('old');
  assert.deepEqual(
    (await Promise.all(before)).map(({ value }) => value),
    ['old', 'old'],
  );
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
  looks[1]?.resolve('new');
  assert.deepEqual(
    (await Promise.all(after)).map(({ value }) => value),
    ['new', 'new'],
  );
  assert.equal((await memory.get()).value, 'new');
  assert.equal(looks.length, 2);
});
