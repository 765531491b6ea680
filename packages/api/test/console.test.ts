import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { fastify } from 'fastify';
import { registerConsole } from '../src/console/routes.ts';
import type { App } from '../src/deps.ts';
import { testApp } from './test-app.ts';

/** A server with nothing but the console, built or not. */
async function serverOf(directory: string): Promise<App> {
  const app = fastify() as unknown as App;
  await registerConsole(app, { CONSOLE: true }, directory);
  return app;
}

test('the console is one page at every path, under rules that run nothing else', async () => {
  using directory = new TestDirectory();
  mkdirSync(directory.file('assets'));
  writeFileSync(directory.file('index.html'), '<p>plain');
  writeFileSync(directory.file('index.html.br'), 'compressed');
  writeFileSync(directory.file('assets/index-abc.js'), 'plain');
  writeFileSync(directory.file('secret'), 'not to be served');
  const app = await serverOf(directory.path);
  for (const path of ['/console', '/console/', '/console/agents/conn_x', '/console/<script>']) {
    const answer = await app.inject(encodeURI(path));
    assert.deepEqual([answer.statusCode, answer.body], [200, '<p>plain'], path);
    const { 'content-security-policy': csp, 'cache-control': cache } = answer.headers;
    assert.match(String(csp), /default-src 'none'.*require-trusted-types-for 'script'; trusted-types 'none'/);
    assert.doesNotMatch(String(csp), /unsafe|\*|http/);
    assert.equal(cache, 'no-cache');
  }
  const compressed = await app.inject({ url: '/console', headers: { 'accept-encoding': 'gzip, br' } });
  assert.deepEqual([compressed.body, compressed.headers['content-encoding']], ['compressed', 'br']);
  const etag = String(compressed.headers['etag']);
  const again = await app.inject({
    url: '/console',
    headers: { 'accept-encoding': 'gzip, br', 'if-none-match': etag },
  });
  assert.equal(again.statusCode, 304);

  const asset = await app.inject('/console/assets/index-abc.js');
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(String(asset.headers['content-type']), /javascript/);
  for (const path of ['none.js', '..%2Fsecret', '%2e%2e/secret', '.%00', '..%5Csecret'])
    assert.doesNotMatch((await app.inject(`/console/assets/${path}`)).body, /not to be served/);
  await app.close();
});

test('a console that is not built says how to build it', async () => {
  using directory = new TestDirectory();
  const app = await serverOf(join(directory.path, 'nothing'));
  const answer = await app.inject('/console/agents');
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /not built/);
  await app.close();
});

test('a registry that wants no console has none', async () => {
  await using here = await testApp(() => ({}), { CONSOLE: 'false' });
  for (const url of ['/console', '/console/agents'])
    assert.equal((await here.app.inject(url)).json().code, 'ROUTE_NOT_FOUND');
  assert.equal((await here.app.inject('/')).json().links.console, undefined);
});

test('pages of the console take no requests from anybody', async () => {
  await using here = await testApp(() => ({}), { RATE_LIMIT: '5' });
  for (let n = 0; n < 20; n += 1) {
    const { headers, statusCode } = await here.app.inject(n % 2 === 0 ? '/console' : '/console/');
    // Depends on whether the console is built.
    assert.ok([200, 503].includes(statusCode));
    assert.equal(headers['x-ratelimit-limit'], '50');
  }
  assert.equal((await here.app.inject('/openapi.json')).headers['x-ratelimit-remaining'], '29');
});
