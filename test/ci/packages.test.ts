import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { ROOT, textOf } from '../documents/markdown.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const execute = promisify(execFile);

/** The oldest that the packages are for, from the npm registry. */
const NODE_22 = 'node@22.23.3';

/** A program of a developer: everything that the client can do, with its published types. */
const PROGRAM = `
import { createServer } from 'node:http';
import { type CallbackMessage, type Delivery, Mahilo, MahiloError, receive } from '@mahilo/client';

const url = process.env.MAHILO ?? '';
const { api_key } = await Mahilo.register({ url, username: 'ann' });
const ann = new Mahilo({ url, key: api_key });
const ben = new Mahilo({ url, key: (await Mahilo.register({ url, username: 'ben' })).api_key });
const { friendship_id } = await ann.request('POST', '/friends/request', { body: { username: 'ben' } });
await ben.request('POST', \`/friends/\${friendship_id}/accept\`);
await ben.connect();

const sent = await ann.send({ to: 'ben', message: 'Hello', topic: 'greetings' });
for await (const delivery of ben.inbox({ waitSeconds: 5 })) {
  const { sender, message }: Delivery = delivery;
  console.log(\`\${sender}: \${message}\`);
  await ben.acknowledge([delivery.receipt]);
  break;
}
for await (const event of ann.events({ lastEventId: '0' })) {
  if (event.type !== 'delivery_status') continue;
  console.log(event.data.status, event.data.message_id === sent.message_id);
  break;
}
const ida = new Mahilo({ url, key: (await Mahilo.register({ url, username: 'ida' })).api_key, keys: \`ida-\${process.version}.keys\` });
const joe = new Mahilo({ url, key: (await Mahilo.register({ url, username: 'joe' })).api_key, keys: \`joe-\${process.version}.keys\` });
const asked = await ida.request('POST', '/friends/request', { body: { username: 'joe' } });
await joe.request('POST', \`/friends/\${asked.friendship_id}/accept\`);
for (const one of [ida, joe]) await one.connect();
const sealed = await ida.send({ to: 'joe', message: 'For you alone', encrypt: 'required' });
for await (const { message, verified } of joe.inbox({ waitSeconds: 0 })) console.log(message, verified, sealed.encrypted);

for await (const { id } of ann.pages('/messages?limit=1')) console.log(id === sent.message_id);

const taken = Promise.withResolvers<CallbackMessage>();
let secret = '';
const server = createServer(async (request, response) => {
  const message = await receive(request, secret).catch(() => undefined);
  response.end();
  if (message) taken.resolve(message);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };
const called = await ann.connect({ label: 'called', callback_url: \`http://127.0.0.1:\${port}/\` });
secret = called.callback_secret ?? '';
await ben.send({ to: 'ann', message: 'Hello yourself' });
console.log((await taken.promise).message);
server.close();
server.closeAllConnections();

try {
  await ann.send({ to: 'nobody', message: 'Hello' });
} catch (error) {
  if (error instanceof MahiloError && error.code === 'USER_NOT_FOUND') console.log(error.status);
  // @ts-expect-error: there is no such code
  if (error instanceof MahiloError && error.code === 'NO_SUCH_CODE') console.log('never');
}
// @ts-expect-error: there is no such field
const wrong = { to: 'ben', message: 'Hello', colour: 'red' } satisfies Parameters<typeof ann.send>[0];
`;

const PRINTED = 'ann: Hello\ndelivered true\nFor you alone true true\ntrue\nHello yourself\n404\n';

const directory = new TestDirectory();
after(() => directory[Symbol.dispose]());

const run = (program: string, programArguments: readonly string[], options: object = {}) =>
  execute(program, programArguments, { cwd: directory.path, ...options });

before(async () => {
  const client = join(ROOT, 'packages/client');
  const manifest = textOf('packages/client/package.json');
  await execute('npm', ['pack', '--pack-destination', directory.path], { cwd: client });
  assert.equal(textOf('packages/client/package.json'), manifest, 'packing leaves the workspace as it was');
  assert.deepEqual(
    readdirSync(client).filter((name) => name.startsWith('.') || ['dist', 'LICENSE'].includes(name)),
    [],
  );
  const tarballs = readdirSync(directory.path);
  writeFileSync(directory.file('package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(directory.file('program.ts'), PROGRAM);
  await run('npm', ['install', ...tarballs.map((name) => `./${name}`)]);
});

const compilers = {
  'the workspace’s TypeScript': join(ROOT, 'node_modules/typescript/bin/tsc'),
  'TypeScript 5': join(ROOT, 'packages/client/node_modules/typescript/bin/tsc'),
};
for (const [name, tsc] of Object.entries(compilers)) {
  test(`the client’s types satisfy ${name}, as strict as can be`, async () => {
    const types = join(ROOT, 'node_modules/@types');
    const options = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
    const target = ['--target', 'es2024', '--lib', 'es2024,dom,dom.asynciterable', '--module', 'nodenext'];
    await run(process.execPath, [
      tsc,
      ...options,
      ...target,
      '--typeRoots',
      types,
      '--types',
      'node',
      'program.ts',
    ]);
  });
}

test('a program runs on the client that is packed, on this Node and on Node 22', async (t) => {
  for (const node of [[process.execPath], ['npm', 'exec', '--yes', `--package=${NODE_22}`, '--', 'node']]) {
    await t.test(node.includes('npm') ? NODE_22 : process.version, async () => {
      await using world = await InProcessWorld.start();
      const [program = '', ...programArguments] = [...node, 'program.js'];
      const env = { ...process.env, MAHILO: world.url };
      const { stdout } = await run(program, programArguments, { env });
      assert.equal(stdout, PRINTED);
    });
  }
});

test('what is packed has no more than it needs', async () => {
  const { stdout } = await run('npm', ['ls', '--all', '--parseable']);
  const installed = stdout
    .trim()
    .split('\n')
    .map((path) => path.replace(/.*node_modules\//, ''));
  assert.deepEqual(installed.slice(1).sort(), ['@mahilo/client', 'eventsource-parser', 'jose']);
});
