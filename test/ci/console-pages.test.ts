import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import {
  type ConsolePage,
  OPERATORS_MENU,
  openPage,
  operatorsPages,
  personsPages,
} from '../console/pages.ts';
import { populate, populateBadly, type Resident } from '../console/people.ts';
import { CHROMIUM, openBrowser, TWO_LOOKS, Visitor } from '../console/visitor.ts';
import { ROOT } from '../documents/markdown.ts';
import { eventually } from '../world/eventually.ts';
import { skipWithout } from '../world/needed-program.ts';
import { World } from '../world/world.ts';

const skip = skipWithout('chromium', existsSync(CHROMIUM));

describe('every page of the console', { skip }, () => {
  let world: World;
  let browser: Browser;
  let nora: Resident;

  before(async () => {
    execFileSync(process.execPath, ['packages/console/build.ts'], { cwd: ROOT });
    world = await World.start({
      TRUSTED_MODE: 'true',
      MAX_RETRIES: '0',
      BREAKER_FAILURES: '1000',
      RATE_LIMIT: '10000',
      RATE_LIMIT_IP: '10000',
    });
    browser = await openBrowser();
    nora = await populate(world);
    await world.nobody.register('olga');
    await world.admin(['users', 'grant-operator', 'olga']);
    await world.admin(['invites', 'create', '--note', 'Ben from the allotment']);
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
  });

  /** Olga, as an operator. */
  async function operator(): Promise<Visitor> {
    const { json } = await world.admin(['users', 'operator-link', 'olga', '--json']);
    const olgas = await Visitor.at(browser, world.url);
    await olgas.signInByLink(json.link);
    return olgas;
  }

  const pagesOfPerson = () => personsPages(nora);
  const pagesOfOperator = async () => operatorsPages((await nora.person.ok('GET', '/auth/me')).user_id);

  /** What is read on it is readable, and what is done on it is done by the keyboard, too. */
  async function isUsable(visitor: Visitor, pages: readonly ConsolePage[]): Promise<string[]> {
    const opened: string[] = [];
    for (const page of pages) {
      await openPage(visitor, page);
      await visitor.looksGood(page.name, TWO_LOOKS);
      if (page.whole.startsWith('dialog')) continue;
      await visitor.walks();
      opened.push(...(await visitor.opensDialogs()));
    }
    return opened;
  }

  test('of a person looks good in each size and colour, and is used by the keyboard', async () => {
    await using noras = await Visitor.at(browser, world.url);
    await noras.signInByKey(nora.person.apiKey ?? '');
    const opened = await isUsable(noras, pagesOfPerson());
    for (const word of ['Delete', 'Remove', 'Block', 'Make owner', 'Revoke', 'Resend all that match']) {
      assert.ok(opened.includes(`${word} …`), `${word}: ${opened}`);
    }
  });

  test('of the operator looks good in each size and colour, and is used by the keyboard', async () => {
    await using olgas = await operator();
    const opened = await isUsable(olgas, await pagesOfOperator());
    for (const word of [
      'Hold',
      'Requeue',
      'New user',
      'Sign-in link',
      'Disable',
      'Reset key',
      'Remove',
      'Invite',
    ]) {
      assert.ok(opened.includes(`${word} …`), `${word}: ${opened}`);
    }
  });

  test('is come to by the keyboard, and begins at its heading', async () => {
    await using olgas = await operator();
    const { page } = olgas;
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      const menu = page.getByRole('button', { name: 'Menu', exact: true });
      for (const name of ['Deliveries', 'Agents', ...OPERATORS_MENU.slice(0, 3)]) {
        if (width === 360) {
          await menu.press('Enter');
          await page.keyboard.press('Escape');
          assert.equal(
            await olgas.focused(),
            'Menu',
            'Escape closes the menu, and the keyboard is where it was',
          );
          await menu.press('Enter');
        }
        await page
          .getByRole('navigation', { name: 'Pages', exact: true })
          .getByText(name, { exact: true })
          .press('Enter');
        await olgas.heading(name);
        await eventually(async () => (await olgas.focused()) === name);
      }
    }
    await page.getByRole('link', { name: 'To the content' }).press('Enter');
    assert.equal(new URL(page.url()).hash, '#content');
  });

  test('of a list opens what is in it beside it, by the keyboard, and goes back to where it was', async () => {
    await using noras = await Visitor.at(browser, world.url);
    await noras.signInByKey(nora.person.apiKey ?? '');
    await noras.open('/deliveries');
    const link = noras.page.locator('tbody a').nth(1);
    await noras.traps(() => link.press('Enter'));
    await noras.hasFocus(link);
    await noras.open(`/conversations?with=${nora.friend}`);
    const details = noras.page.getByRole('link', { name: /^Details of/ }).first();
    await noras.traps(() => details.press('Enter'));
    await noras.hasFocus(details);
  });

  describe('with bad texts', () => {
    before(async () => {
      await populateBadly(world, nora);
      await eventually(async () => (await nora.person.ok('GET', '/deliveries?status=failed')).length >= 11);
    });

    test('of a person is readable, and runs nothing', async () => {
      await using noras = await Visitor.at(browser, world.url);
      await noras.signInByKey(nora.person.apiKey ?? '');
      await isReadable(noras, pagesOfPerson());
    });

    async function isReadable(visitor: Visitor, pages: readonly ConsolePage[]): Promise<void> {
      for (const page of pages) {
        await openPage(visitor, page);
        await visitor.looksGood(`hostile-${page.name}`, TWO_LOOKS.slice(1));
      }
    }
  });
});
