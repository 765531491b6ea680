import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ROOT } from '../documents/markdown.ts';

/** Runs the audit of CI against a registry with these answers. */
async function audit(status: number, advisories: unknown): Promise<{ exitCode: number; output: string }> {
  const registry = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(JSON.stringify(advisories)));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const { port } = registry.address() as AddressInfo;
  const child = spawn(join(ROOT, '.ci/audit'), ['--registry', `http://127.0.0.1:${port}/`], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  const [exitCode] = await once(child, 'close');
  registry.close();
  return { exitCode, output: await output };
}

const advisory = (severity: string) => ({
  fastify: [
    {
      id: 1,
      url: 'https://example.org/advisory',
      title: 'A hole',
      severity,
      vulnerable_versions: '>0',
      cwe: [],
      cvss: { score: 0, vectorString: null },
    },
  ],
});

test('a known vulnerability of a package that runs in production fails the audit, unless it is minor', async () => {
  const severe = await audit(200, advisory('high'));
  assert.equal(severe.exitCode, 1);
  assert.match(severe.output, /fastify/);
  assert.equal((await audit(200, advisory('low'))).exitCode, 0);
  assert.equal((await audit(200, {})).exitCode, 0);
});

test('a registry that takes no audits is told, and is no failure', async () => {
  const { exitCode, output } = await audit(405, {});
  assert.equal(exitCode, 0);
  assert.match(output, /^NOT CHECKED: /m);
});
