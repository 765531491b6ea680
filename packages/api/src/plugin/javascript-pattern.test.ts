import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern } from '../policies/pattern.ts';
import { javascriptPattern } from './javascript-pattern.ts';

const TEXTS = [
  '',
  'a',
  'A',
  'abc',
  'ABC\ndef',
  'x\ny',
  'the secret word',
  'a.b',
  'axb',
  '4111 1111 1111 1111',
  'tab\there',
  '[bracket]',
  'a]b',
  'back\\slash',
  'größe',
  'ein 😀 lacht',
  '😀😀😀',
  '🙃',
  'user@example.org',
  'a-b_c',
  'bell\x07',
  'line one\nsecret\nline three',
  '$5.00',
  'Q\\E',
];

const PORTABLE = [
  'secret',
  'SECRET',
  '\\bsecret\\b',
  '^abc',
  'def$',
  '(?m)^secret$',
  '(?s)x.y',
  'x.y',
  '(?i)SeCrEt',
  '(?im)^SECRET$',
  '\\Aabc',
  'def\\z',
  '\\Qa.b\\E',
  '\\Qa.b',
  'a.b',
  '(?P<card>\\d{4})[ -]?(?<rest>\\d{4})',
  '(?:a|b)c',
  '[[:digit:]]{4}',
  '[[:alpha:][:space:]]+x',
  '[^[:ascii:]]',
  '\\[bracket\\]',
  '\\\\slash',
  '\\x{1F600}',
  '\\x{e4}|ö',
  '\\x41',
  '\\u0041bc',
  '😀+$',
  '^[^a]$',
  '\\a',
  '[\\a]',
  '[\\w.+-]+@[\\w-]+\\.\\w+',
  '\\$\\d+\\.\\d{2}',
  'a{2,}',
  '[a-c-]b',
  'c|^$',
  '.',
  '^.$',
];

test('a pattern matches in JavaScript what it matches here', () => {
  for (const pattern of PORTABLE) {
    const translated = javascriptPattern(pattern);
    assert.ok(translated !== undefined, pattern);
    const [here, there] = [compilePattern(pattern), new RegExp(translated, 'i')];
    for (const text of TEXTS) {
      assert.equal(there.test(text), here.matcher(text).find(), `${pattern} → ${translated} on ${text}`);
    }
  }
});

test('what JavaScript cannot say is told', () => {
  const patterns = [
    '\\pL+',
    '\\p{Greek}',
    'a(?i)b',
    '(?i:a)b',
    '(?-i)a',
    '[😀🙃]',
    '[[:^digit:]]',
    '[\\pN]',
    '\\07',
  ];
  for (const pattern of patterns) assert.equal(javascriptPattern(pattern), undefined, pattern);
});
