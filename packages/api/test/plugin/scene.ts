import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { type Answer, Person } from '../person.ts';
import { testApp } from '../test-app.ts';
import { PluginDouble } from './client.ts';

/** Ann, whose agent decides for itself, and her friend ben, whose agent polls. */
export async function registry(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
  const clock = new SettableClock();
  const here = await testApp(() => ({}), { RATE_LIMIT: '1000000', ...environment }, clock);
  t.after(() => here[Symbol.asyncDispose]());
  const person = (name: string) => Person.register(here.app, name);
  const [ann, ben] = [await person('ann'), await person('ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
  return { ...here, clock, person, ann, ben, plugin: await PluginDouble.connect(ann) };
}

export function assertRefused({ status, json }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, json.code], [expected, code], JSON.stringify(json));
}
