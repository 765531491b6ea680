import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { ROOT } from '../documents/markdown.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

/** The generator needs a TypeScript with a JS API, which the workspace's own version lacks. */
const GENERATOR = ['openapi-typescript@7.13.0', 'typescript@5.9.3'].map((name) => `--package=${name}`);

const FUZZ_RUNS = 3000;

/** What a client writes with the generated types. A code that the switch forgets, or a wrong field, does not compile. */
const CLIENT = `
import type { components, operations } from './api.d.ts';

type Send = operations['sendMessage'];
export const body: Send['requestBody']['content']['application/json'] = { recipient: 'ben', message: 'Hello' };
// @ts-expect-error: there is no such field
export const wrong: Send['requestBody']['content']['application/json'] = { to: 'ben', message: 'Hello' };

export function idOf(sent: Send['responses'][200]['content']['application/json']): string {
  return sent.message_id;
}

export function friendsNamed(friends: components['schemas']['Friend'][]): string[] {
  return friends.map(({ username }) => username);
}

export function senderOf(event: components['schemas']['Event']): string | undefined {
  return event.type === 'message_received' ? event.data.sender : undefined;
}

export function isMine(code: components['schemas']['ErrorCode']): boolean {
  return code === 'NOT_FRIENDS' || code === 'INVALID_REQUEST';
}
// @ts-expect-error: there is no such code
isMine('NO_SUCH_CODE');

export type Callback = components['schemas']['CallbackMessage'];
`;

function run(program: string, programArguments: string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(program, programArguments, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

test('types that are generated from the document compile, and know operations, fields, events and error codes', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  using directory = new TestDirectory();
  const document = await world.nobody.ok('GET', '//openapi.json');
  writeFileSync(directory.file('openapi.json'), JSON.stringify(document));
  writeFileSync(directory.file('client.ts'), CLIENT);
  const generate = [
    'exec',
    '--yes',
    ...GENERATOR,
    '--',
    'openapi-typescript',
    'openapi.json',
    '-o',
    'api.d.ts',
  ];
  run('npm', generate, directory.path);
  const options = ['--noEmit', '--strict', '--allowImportingTsExtensions', '--types', '', 'client.ts'];
  run(join(ROOT, 'node_modules/.bin/tsc'), options, directory.path);
});

test(`${FUZZ_RUNS} requests that are made of the document find no 5xx, no answer outside of it, and no rule that only one of the two has`, () => {
  run(process.execPath, ['packages/api/test/fuzz/main.ts', '--runs', String(FUZZ_RUNS)], ROOT);
});
