import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestApp, testApp } from './test-app.ts';

const PATHS = ['/skill.md', '/.well-known/agent-registry'];

let told: TestApp;
let untold: TestApp;

before(async () => {
  told = await testApp(() => ({}), { PUBLIC_URL: 'https://registry.example:8443/' });
  untold = await testApp(() => ({}));
});
after(async () => {
  await told[Symbol.asyncDispose]();
  await untold[Symbol.asyncDispose]();
});

const get = (here: TestApp, url: string, headers: Record<string, string> = {}) =>
  here.app.inject({ method: 'GET', url, headers });

test('the page names the address that the operator has set, whatever the request says', async () => {
  for (const path of PATHS) {
    const page = await get(told, path, { host: 'evil.example', 'x-forwarded-host': 'evil.example' });
    assert.equal(page.statusCode, 200);
    assert.equal(page.headers['content-type'], 'text/markdown; charset=utf-8');
    assert.match(page.body, /https:\/\/registry\.example:8443\/api\/v1\/auth\/register/);
    assert.match(page.body, /~\/\.mahilo\/registry\.example_8443\/mahilo/);
    assert.doesNotMatch(page.body, /evil|REGISTRY_|localhost/);
    assert.equal((await told.app.inject({ method: 'HEAD', url: path })).statusCode, 200);
  }
  assert.match((await get(told, '/')).body, /"skill":"\/skill.md"/);
});

test('without one it names what the request calls loopback', async () => {
  for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080']) {
    const page = await get(untold, '/skill.md', { host });
    assert.equal(page.statusCode, 200, host);
    assert.ok(
      page.body.includes(`\n  http://${host.toLowerCase()}/api/v1`) ||
        page.body.includes(`http://${host.toLowerCase()}/api/v1/auth/register`),
      host,
    );
    assert.match(String(page.headers['vary']), /host/);
  }
});

test('and nothing else that a request says: there is no page then', async () => {
  for (const host of [
    'registry.example',
    'localhost.evil.example',
    'evil.example:8080',
    'localhost:8080$(id)',
    'localhost:80/`id`',
    'localhost:x',
    'localhost:123456',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    "localhost'; id #",
    'localhost\\evil',
    '[::1]evil',
    '10.0.0.1',
    '0x7f.1',
  ]) {
    const page = await get(untold, '/skill.md', { host });
    assert.equal(page.statusCode, 404, host);
    assert.equal(page.json().code, 'NOT_FOUND');
    assert.match(page.json().error, /PUBLIC_URL/);
    assert.ok(!page.body.includes(host));
  }
});
