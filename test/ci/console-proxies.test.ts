import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { OPERATORS_MENU, PERSONS_MENU } from '../console/pages.ts';
import { Pasted } from '../console/pasted.ts';
import { CHROMIUM, openBrowser, Visitor } from '../console/visitor.ts';
import { ROOT } from '../documents/markdown.ts';
import { createCertificate } from '../world/certificate.ts';
import { skipWithout } from '../world/needed-program.ts';
import type { ProductProcess } from '../world/process.ts';
import { isInstalled, type ProxyKind, ReverseProxy, SERVER_NAME } from '../world/reverse-proxy.ts';
import { World } from '../world/world.ts';

const skip = skipWithout('chromium', existsSync(CHROMIUM));

describe('the console behind the proxies of deploy', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-console-'));
  const certificate = createCertificate(directory, [`DNS:${SERVER_NAME}`]);
  const world = new World({ NODE_ENV: 'production', TRUST_PROXY: '127.0.0.1', REGISTRATION: 'open' });
  let api: ProductProcess;
  let browser: Browser;

  before(async () => {
    execFileSync(process.execPath, ['packages/console/build.ts'], { cwd: ROOT });
    api = await world.startApi();
    await world.startWorker();
    browser = await openBrowser([`--host-resolver-rules=MAP ${SERVER_NAME} 127.0.0.1`]);
  });
  after(async () => {
    await browser?.close();
    await world[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  for (const kind of ['nginx', 'caddy'] as const) {
    describe(kind, { skip: skipWithout(kind, isInstalled(kind)) }, () => describeBehind(kind));
  }

  function describeBehind(kind: ProxyKind): void {
    let proxy: ReverseProxy;

    before(async () => {
      const upstreamPort = Number(new URL(world.url).port);
      proxy = await ReverseProxy.start(kind, { directory: join(directory, kind), certificate, upstreamPort });
    });
    after(() => proxy?.[Symbol.asyncDispose]());

    const visitor = () => Visitor.at(browser, `https://${SERVER_NAME}:${proxy.ports.https}`);

    test('somebody comes by an invitation, and brings an agent in by pasting what the page shows', async () => {
      const { link } = (await world.admin(['invites', 'create', '--json'])).json;
      await using anns = await visitor();
      await anns.open(`/${String(link).split('/console/')[1]}`);
      await anns.page.getByLabel('Choose a username').fill(`${kind}-ann`);
      await anns.press('Create the account');
      await anns.press('I have kept it: go on');
      await anns.page.getByLabel('Its name').fill('laptop');
      await anns.press('Connect it');
      const program = anns.page.getByRole('region', { name: 'the program', exact: true });
      await anns.page.getByRole('region', { name: 'the key of the agent' }).waitFor();
      const curl = `resolve = "${SERVER_NAME}:${proxy.ports.https}:127.0.0.1"\ncacert = "${certificate.caFile}"\n`;
      await using running = new Pasted((await program.textContent()) ?? '', { curl });
      await anns.page.getByRole('heading', { name: 'Its program – done' }).waitFor();
      await anns.press('Send a test message to laptop');
      await anns.page.getByRole('heading', { name: 'Its first message – done' }).waitFor();
      await running.prints('A test message');
    });

    test('a person signs in, comes to each page, and sees what needs them by itself', async () => {
      const ben = await world.nobody.register(`${kind}-ben`);
      const cid = await world.nobody.register(`${kind}-cid`);
      await using bens = await visitor();
      await bens.signInByKey(ben.apiKey ?? '');
      const [cookie] = await bens.cookies();
      const { name, secure, httpOnly, sameSite } = cookie ?? {};
      assert.deepEqual([name, secure, httpOnly, sameSite], ['__Host-mahilo', true, true, 'Strict']);
      for (const name of PERSONS_MENU) await bens.go(name);
      await bens.go('Overview');
      await cid.ok('POST', '/friends/request', { username: `${kind}-ben` });
      await bens.press(`Accept ${kind}-cid`);
      await bens.sees(`${kind}-cid is your friend.`);
    });

    test('a page that was open goes on after the registry was away', async () => {
      const dan = await world.nobody.register(`${kind}-dan`);
      const eve = await world.nobody.register(`${kind}-eve`);
      await using dans = await visitor();
      await dans.signInByKey(dan.apiKey ?? '');
      await dans.go('Friends');
      dans.expectsFailures();
      await api.kill();
      await dans.sees('The registry does not answer just now');
      await dans.page.getByLabel('Ask somebody').fill(`${kind}-eve`);
      await dans.press('Ask');
      await dans.sees('The registry cannot be reached; try again soon.');
      api = await world.startApi();
      await eve.ok('POST', '/friends/request', { username: `${kind}-dan` });
      await dans.page.getByRole('button', { name: `Accept ${kind}-eve` }).waitFor();
      // The page may look again before its stream is open.
      await dans.page.getByText('The registry does not answer').waitFor({ state: 'hidden' });
      assert.equal(
        await dans.page.getByLabel('Ask somebody').inputValue(),
        `${kind}-eve`,
        'what was written stays',
      );
    });

    test('an operator signs in with a link, and comes to each page', async () => {
      await world.nobody.register(`${kind}-olga`);
      await world.admin(['users', 'grant-operator', `${kind}-olga`]);
      const { json } = await world.admin(['users', 'operator-link', `${kind}-olga`, '--json']);
      await using olgas = await visitor();
      await olgas.signInByLink(json.link);
      for (const name of OPERATORS_MENU) await olgas.go(name);
      assert.equal(await olgas.page.getByRole('alert').count(), 0);
    });
  }
});
