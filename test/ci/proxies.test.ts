import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Certificate, createCertificate } from '../world/certificate.ts';
import { eventually } from '../world/eventually.ts';
import { skipWithout } from '../world/needed-program.ts';
import type { ProductProcess } from '../world/process.ts';
import { ask, streamed, upgraded } from '../world/proxy-client.ts';
import { isInstalled, type ProxyKind, ReverseProxy, SERVER_NAME } from '../world/reverse-proxy.ts';
import { SlowUpstream } from '../world/slow-upstream.ts';
import { World } from '../world/world.ts';

const RATE_LIMIT_IP = 20;
/** What the API takes with default settings: 6 × MAX_PAYLOAD_SIZE + 64 KiB. */
const MAX_PAYLOAD_SIZE = 32_768;
const BODY_LIMIT = 6 * MAX_PAYLOAD_SIZE + 65_536;
const JSON_BODY = { 'content-type': 'application/json' };

const directory = mkdtempSync(join(tmpdir(), 'mahilo-proxies-'));
const world = new World({
  NODE_ENV: 'production',
  TRUST_PROXY: '127.0.0.1',
  RATE_LIMIT_IP: String(RATE_LIMIT_IP),
});
let certificate: Certificate;
let api: ProductProcess;

before(async () => {
  certificate = createCertificate(directory, [`DNS:${SERVER_NAME}`]);
  api = await world.startApi();
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** An address that no other test has used: each has a rate limit of its own. */
let lastAddress = 10;
function newAddress(): string {
  lastAddress += 1;
  return `127.0.0.${lastAddress}`;
}

/** A request to connect an agent, whose body has exactly so many bytes. */
function connection(label: string, bytes: number): string {
  const body = JSON.stringify({ framework: 'test', label, mode: 'polling' });
  return body.slice(0, -1) + ' '.repeat(bytes - body.length) + body.slice(-1);
}

// All at once, since half a minute of it is waiting.
describe('deploy', { concurrency: true }, () => {
  for (const kind of ['nginx', 'caddy'] as const) describeProxy(kind);
});

function describeProxy(kind: ProxyKind): void {
  const skip = skipWithout(kind, isInstalled(kind));
  describe(`the configuration of ${kind}`, { skip, concurrency: true }, () => {
    let proxy: ReverseProxy;
    let slow: SlowUpstream;
    let beforeSlow: ReverseProxy;

    before(async () => {
      const startBefore = (upstreamPort: number, name: string) =>
        ReverseProxy.start(kind, { directory: join(directory, name), certificate, upstreamPort });
      proxy = await startBefore(Number(new URL(world.url).port), `${kind}-api`);
      slow = await SlowUpstream.start();
      beforeSlow = await startBefore(slow.port, `${kind}-slow`);
    });
    after(async () => {
      await Promise.all([proxy, beforeSlow, slow].map((started) => started?.[Symbol.asyncDispose]()));
    });

    const to = (chosen: ReverseProxy, path: string) => ({
      port: chosen.ports.https,
      ca: certificate.ca,
      path,
    });

    test('sends http to https, with method and body', async () => {
      const [answer] = await once(
        get({
          host: '127.0.0.1',
          port: proxy.ports.http,
          path: '/health?a=b',
          headers: { host: SERVER_NAME },
        }),
        'response',
      );
      answer.resume();
      assert.equal(answer.statusCode, 308);
      assert.match(answer.headers.location, new RegExp(`^https://${SERVER_NAME}(:\\d+)?/health\\?a=b$`));
    });

    test('adds no header that the API sends, and does not say which proxy it is in which version', async () => {
      const { status, rawHeaders, headers } = await ask(to(proxy, '/health'));
      assert.equal(status, 200);
      const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
      assert.deepEqual(names, [...new Set(names)]);
      for (const name of ['strict-transport-security', 'x-content-type-options', 'x-request-id']) {
        assert.ok(headers[name], name);
      }
      assert.doesNotMatch(String(headers['server']), /\d|Caddy/);
    });

    test('a client that forges X-Forwarded-For is counted and logged by its real address', async () => {
      const from = newAddress();
      const forged = (i: number) => ({
        'x-forwarded-for': `198.51.100.${i}`,
        forwarded: `for=198.51.100.${i}`,
        'x-real-ip': `198.51.100.${i}`,
      });
      const statuses: number[] = [];
      for (let i = 0; i <= RATE_LIMIT_IP; i++) {
        statuses.push((await ask({ ...to(proxy, '/api/v1/auth/me'), headers: forged(i), from })).status);
      }
      assert.deepEqual(statuses, [...Array(RATE_LIMIT_IP).fill(401), 429]);
      const other = await ask({ ...to(proxy, '/api/v1/auth/me'), from: newAddress() });
      assert.equal(other.status, 401);
      const clients = await eventually(() => {
        const limited = api.log().filter(({ status }) => status === 429);
        const addresses = limited.map(({ client }) => String(client));
        return addresses.includes(from) && addresses;
      });
      assert.ok(
        clients.every((client) => client.startsWith('127.')),
        String(clients),
      );
    });

    test('the largest body that the API takes passes, and a larger one is refused in the form of the API', async () => {
      const { apiKey } = await world.nobody.register(`big-${kind}`);
      const post = (body: string, headers = {}) =>
        ask({
          ...to(proxy, '/api/v1/agents'),
          method: 'POST',
          headers: { ...JSON_BODY, authorization: `Bearer ${apiKey}`, ...headers },
          body,
        });
      assert.equal((await post(connection('big', BODY_LIMIT))).status, 201);
      // The largest valid message in the longest way to write it.
      const [ann, ben] = [
        await world.nobody.register(`ann-${kind}`),
        await world.nobody.register(`ben-${kind}`),
      ];
      await ben.connectPolling();
      await ann.befriend(ben);
      const sent = await ask({
        ...to(proxy, '/api/v1/messages/send'),
        method: 'POST',
        headers: { ...JSON_BODY, authorization: `Bearer ${ann.apiKey}` },
        body: `{"recipient":"ben-${kind}","message":"${'\\u0061'.repeat(MAX_PAYLOAD_SIZE)}"}`,
      });
      assert.equal(sent.status, 200, sent.text.slice(0, 200));
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        const refused = await post(connection('too-big', 2 * BODY_LIMIT), headers);
        assert.equal(refused.status, 413, refused.text);
        assert.equal(JSON.parse(refused.text).code, 'PAYLOAD_TOO_LARGE');
        assert.equal(JSON.parse(refused.text).request_id, refused.headers['x-request-id']);
      }
    });

    test('a request id of the client stays, one that could be more than that does not', async () => {
      const answerTo = async (id: string) =>
        (await ask({ ...to(proxy, '/health'), headers: { 'x-request-id': id } })).headers['x-request-id'];
      assert.equal(await answerTo('trace-1.a_B'), 'trace-1.a_B');
      assert.notEqual(await answerTo('","code":"'), '","code":"');
    });

    test('a WebSocket is upgraded, and bytes pass both ways', async () => {
      const socket = await upgraded(to(beforeSlow, '/api/v1/notifications/ws'));
      socket.write('ping');
      const [echo] = await once(socket, 'data');
      socket.destroy();
      assert.equal(String(echo), 'ping');
    });

    test('events are passed on when they are sent, and not when the stream ends', async () => {
      const stream = await streamed(to(beforeSlow, '/api/v1/events'));
      for (const event of ['first', 'second']) {
        slow.sendEvent(event);
        const [text] = await once(stream, 'data');
        assert.equal(String(text), `data: ${event}\n\n`);
      }
      stream.destroy();
    });

    test('an answer that takes half a minute arrives', async () => {
      const { status, text } = await ask(to(beforeSlow, '/long'));
      assert.deepEqual([status, text], [200, 'at last']);
    });

    test('an API that does not answer in time is a 504 in the form of the API, and says when to come back', async () => {
      await using impatient = await ReverseProxy.start(kind, {
        directory: join(directory, `${kind}-impatient`),
        certificate,
        upstreamPort: slow.port,
        answerWithin: '1s',
      });
      const { status, headers, text } = await ask(to(impatient, '/long'));
      assert.deepEqual(
        [status, JSON.parse(text).code, headers['retry-after']],
        [504, 'GATEWAY_TIMEOUT', '5'],
      );
      assert.equal(JSON.parse(text).request_id, headers['x-request-id']);
    });

    test('without the API it answers 502 in the form of the API, and logs no key of a URL', async () => {
      await using alone = await ReverseProxy.start(kind, {
        directory: join(directory, `${kind}-alone`),
        certificate,
        upstreamPort: 1,
      });
      const path = '/api/v1/notifications/ws?api_key=mhl_hunter2';
      const answer = await ask(to(alone, path));
      const key = `mhl_${'A'.repeat(12)}_${'B'.repeat(36)}`;
      for (const misplaced of [key, encodeURIComponent(key).replaceAll('_', '%5F')]) {
        await ask(to(alone, `/api/v1/messages/${misplaced}?x=${misplaced}`));
        get({ host: '127.0.0.1', port: alone.ports.http, path: `/${misplaced}?x=${misplaced}` }).on(
          'response',
          (response) => response.resume(),
        );
      }
      const token = `-_${'C'.repeat(41)}`;
      for (const path of [`friends/links/${token}`, `friends/links/${token}/accept`]) {
        await ask(to(alone, `/api/v1/${path}`));
      }
      const asId = await ask({ ...to(alone, '/api/v1/messages'), headers: { 'x-request-id': key } });
      assert.doesNotMatch(String(asId.headers['x-request-id']), /mhl_/);
      assert.equal(answer.status, 502);
      assert.equal(JSON.parse(answer.text).code, 'BAD_GATEWAY');
      assert.equal(answer.headers['retry-after'], '5');
      assert.equal(JSON.parse(answer.text).request_id, answer.headers['x-request-id']);
      await ask(to(alone, '/api/v1/after'));
      assert.match(alone.everythingWritten(), /\/api\/v1\/notifications\/ws/);
      assert.doesNotMatch(alone.everythingWritten(), /hunter2|B{36}|C{41}/);
    });
  });
}
