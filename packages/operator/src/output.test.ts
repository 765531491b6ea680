import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, table } from './output.ts';

/** What could move a terminal's cursor, colour it, end a line or turn it around. */
const DANGEROUS = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
  0x61c,
  0x200e,
  0x200f,
  0x2028,
  0x2029,
  0x202a,
  0x202e,
  0x2066,
  0x2069,
].map((code) => String.fromCodePoint(code));

test('controls, line breaks and what turns the direction of writing are shown escaped in a table', () => {
  for (const control of DANGEROUS) {
    const printed = table(['Name'], [[`a${control}b`]]);
    assert.equal(printed, `Name\na\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}b`);
  }
});

test('other text stays as it is', () => {
  for (const text of ['Nora Ní Bhriain 🌍', 'שלום', 'a\u200db', '日本']) assert.equal(printable(text), text);
});
