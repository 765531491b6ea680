import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from './failures.ts';

const coded = (code: string, extra: object = {}) =>
  Object.assign(new Error(`connect ${code} 10.0.0.1`), { code, ...extra });
const wrapped = (cause: Error) => new Error('got', { cause });
const brief = (error: unknown) => {
  const { outcome, fault } = failureOf(error);
  return fault === 'registry' ? `registry: ${outcome}` : outcome;
};

test('failureOf takes a shortage of our own for a registry fault', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EADDRNOTAVAIL', 'ENETUNREACH', 'ENETDOWN']) {
    assert.equal(brief(wrapped(coded(code, { address: '8.8.8.8' }))), 'registry: connection', code);
  }
});

test('failureOf does not retry for ever where only IPv6 is missing', () => {
  assert.equal(brief(wrapped(coded('ENETUNREACH', { address: '2606:4700::1111' }))), 'connection');
});

test('failureOf of several addresses blames the receiver as soon as one of them does', () => {
  const v6 = coded('ENETUNREACH', { address: '2606:4700::1111' });
  const v4 = coded('ECONNREFUSED', { address: '8.8.8.8' });
  const local = coded('EMFILE');
  assert.equal(brief(wrapped(new AggregateError([v6, v4]))), 'connection');
  assert.equal(brief(wrapped(new AggregateError([local, v4]))), 'connection');
  assert.equal(brief(wrapped(new AggregateError([local, local]))), 'registry: connection');
  assert.equal(brief(wrapped(new AggregateError([v6, v6]))), 'connection');
});

test('failureOf takes an outage of our network for a registry fault, also where there never was IPv6', () => {
  const v4 = coded('ENETUNREACH', { address: '8.8.8.8' });
  const v6 = coded('EADDRNOTAVAIL', { address: '2606:4700::1111' });
  assert.equal(brief(wrapped(new AggregateError([v4, v6]))), 'registry: connection');
  assert.equal(brief(wrapped(new AggregateError([v6, v4]))), 'registry: connection');
});

test('failureOf never repeats the words of an error', () => {
  for (const error of [
    wrapped(coded('ECONNREFUSED')),
    wrapped(coded('EWEIRD')),
    'text',
    undefined,
    null,
    new AggregateError([]),
  ]) {
    assert.doesNotMatch(failureOf(error).error, /10\.0\.0\.1|EWEIRD|ECONN/);
  }
});
