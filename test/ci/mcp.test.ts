import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../documents/markdown.ts';
import type { Client } from '../world/client.ts';
import { World } from '../world/world.ts';

const PROGRAM_TIMEOUT_MS = 240_000;

const world = new World();
const directory = mkdtempSync(join(tmpdir(), 'mahilo-mcp-'));
let programs = '';
let ann: Client;

before(async () => {
  programs = execFileSync(join(ROOT, '.ci/mcp-tools'), { encoding: 'utf8' }).trim();
  await world.startApi();
  ann = await world.nobody.register('ann');
});

after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

interface Run {
  exitCode: number;
  output: string;
}

/** Runs one of MCP's own programs. */
function run(program: string, programArguments: readonly string[]): Promise<Run> {
  const options = { cwd: directory, timeout: PROGRAM_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(programs, program), ...programArguments],
      options,
      (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), output: `${stdout}\n${stderr}` }),
    );
  });
}

describe('The conformance suite of MCP', () => {
  /** The suite has no option to send a key. */
  const withKey = createServer((incoming, outgoing) => {
    const { url: path, method } = incoming;
    const headers = { ...incoming.headers, authorization: `Bearer ${ann.apiKey}` };
    const { hostname, port } = new URL(world.url);
    const passedOn = request({ hostname, port, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    passedOn.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passedOn.destroy());
    incoming.pipe(passedOn);
  });

  before(() => once(withKey.listen(0, '127.0.0.1'), 'listening'));

  after(() => {
    withKey.close();
    withKey.closeAllConnections();
  });

  for (const revision of ['2026-07-28', '2025-11-25']) {
    test(`finds nothing wrong under ${revision} with what is offered`, async () => {
      const { port } = withKey.address() as AddressInfo;
      const { exitCode, output } = await run('conformance/dist/index.js', [
        ...['server', '--url', `http://127.0.0.1:${port}/mcp`, '--requirements', revision],
        ...['--expected-failures', join(ROOT, `test/ci/mcp/${revision}.yaml`), '--output-dir', directory],
      ]);
      assert.equal(exitCode, 0, output.slice(-6000));
    });
  }
});

describe('The command line of the MCP inspector', () => {
  const inspect = (era: string, key: string | undefined, ...method: readonly string[]) =>
    run('inspector/clients/launcher/build/index.js', [
      ...['--cli', `${world.url}/mcp`, '--protocol-era', era],
      ...['--header', `Authorization: Bearer ${key}`, '--method', ...method],
    ]);

  for (const era of ['modern', 'legacy']) {
    test(`lists and calls tools in the ${era} era, and tells errors apart`, async () => {
      const listed = await inspect(era, ann.apiKey, 'tools/list', '--strict');
      assert.equal(listed.exitCode, 0, listed.output);
      assert.match(listed.output, /"check_inbox"/);
      const called = await inspect(era, ann.apiKey, 'tools/call', '--tool-name', 'list_friends');
      assert.equal(called.exitCode, 0, called.output);
      assert.match(called.output, /"me": "ann"/);
      const refused = await inspect(
        era,
        ann.apiKey,
        ...['tools/call', '--tool-name', 'send_message', '--tool-arg', 'to=nobody-here', 'message=hi'],
      );
      assert.equal(refused.exitCode, 5, refused.output);
      assert.match(refused.output, /USER_NOT_FOUND/);
      assert.equal((await inspect(era, 'mhl_wrong_key', 'tools/list')).exitCode, 3);
    });
  }
});
