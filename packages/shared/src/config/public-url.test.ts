import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, loadSettings } from './load.ts';

const SECRET_KEY = 'a-secret-key-for-tests-that-is-long-enough';
const load = (PUBLIC_URL: string) => loadSettings({ SECRET_KEY, PUBLIC_URL }).PUBLIC_URL;

test('PUBLIC_URL is an https origin, kept in its normal form', () => {
  for (const [given, origin] of [
    ['https://registry.example', 'https://registry.example'],
    ['https://Registry.Example:443/', 'https://registry.example'],
    ['https://registry.example:8443', 'https://registry.example:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://203.0.113.7', 'https://203.0.113.7'],
    ['https://[2001:db8::1]:8443/', 'https://[2001:db8::1]:8443'],
  ] as const) {
    assert.equal(load(given), origin);
  }
  assert.equal(load(''), undefined);
});

test('anything else is told in a sentence, which does not repeat what may be a password', () => {
  for (const wrong of [
    'registry.example',
    'http://registry.example',
    'ftp://registry.example',
    'https://',
    'https://ann:hunter2@registry.example',
    'https://registry.example/mahilo',
    'https://registry.example/?',
    'https://registry.example/#',
    'https://registry.example?a=b',
    "https://it's.example",
    'https://$(id).example',
    'https://a;b.example',
    'https://-',
  ]) {
    assert.throws(
      () => load(wrong),
      (error) => {
        assert.ok(error instanceof ConfigError, wrong);
        assert.deepEqual(error.mistakes.length, 1);
        assert.match(
          error.message,
          /^PUBLIC_URL must be an https origin, such as https:\/\/registry\.example: /,
        );
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
      wrong,
    );
  }
});
