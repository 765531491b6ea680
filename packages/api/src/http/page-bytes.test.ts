import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonBytes } from './page-bytes.ts';

test('the bytes of a text as JSON are counted as JSON.stringify writes them', () => {
  for (let unit = 0; unit < 0x1_0000; unit += 1) {
    if (unit >= 0xd800 && unit <= 0xdfff) continue;
    const text = String.fromCharCode(unit);
    assert.equal(jsonBytes(text), Buffer.byteLength(JSON.stringify(text)), unit.toString(16));
  }
  for (const text of ['', 'plain', '🦊 and "\\"\n', `${'\u0001'.repeat(100)}é`])
    assert.equal(jsonBytes(text), Buffer.byteLength(JSON.stringify(text)));
});
