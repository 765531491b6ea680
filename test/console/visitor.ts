import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type Cookie, chromium, type Page } from 'playwright-core';

/** Where pictures of the pages go, for people to look at; unset: nowhere. */
const PICTURES = process.env['CONSOLE_PICTURES'];
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** How long (ms) a page may take for something; a machine under test is slow. */
const PATIENCE_MS = 60_000;
const SIZE = { width: 1280, height: 800 };
const LOOKS = [
  { width: 1280, height: 800, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 360, height: 740, colorScheme: 'light' },
  { width: 360, height: 740, colorScheme: 'dark' },
] as const;
/** Which of all things that can be used has the focus, and how many there are; of radio buttons one is. */
const PLACE_OF_FOCUS = `(() => {
  const usable = 'a[href], button:enabled, input:enabled:not([type=radio]:not(:checked)), select, textarea, summary';
  const all = [...document.querySelectorAll(usable)].filter((one) => one.checkVisibility());
  return [all.indexOf(document.activeElement), all.length, document.activeElement === document.body];
})()`;
/** A browser writes this for each answer that is not 2xx, as for whoever is not signed in yet. */
const NO_PROBLEM = /^Failed to load resource: the server responded with a status of/;

/** Starts a browser. */
export function openBrowser(more: readonly string[] = []): Promise<Browser> {
  // Tests run as root in containers, where Chromium has no sandbox.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', ...more] });
}

/** Somebody at a browser of their own. Whatever goes wrong in their pages is a problem. */
export class Visitor implements AsyncDisposable {
  readonly page: Page;
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      const isBad = message.type() === 'error' || message.type() === 'warning';
      if (isBad && !NO_PROBLEM.test(message.text())) this.problems.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async at(browser: Browser, url: string): Promise<Visitor> {
    // Certificates of tests are of nobody whom a browser knows.
    const context = await browser.newContext({
      viewport: SIZE,
      ignoreHTTPSErrors: true,
    });
    return new Visitor(context, await context.newPage(), url);
  }

  /** Opens a page of the console, as `/agents`. */
  async open(path = ''): Promise<void> {
    await this.page.goto(`${this.#url}/console${path}`);
  }

  cookies(): Promise<Cookie[]> {
    return this.#context.cookies();
  }

  async signInByKey(apiKey: string): Promise<void> {
    await this.open();
    await this.page.getByText('With an API key').click();
    await this.page.getByLabel('API key').fill(apiKey);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await this.heading('Overview');
  }

  /** What the keyboard is at, by its name. */
  focused(): Promise<string> {
    return this.page.evaluate(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
    );
  }

  /** Waits until the page has this heading. */
  async heading(name: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  }

  /** Waits until the page says something. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Chooses one of a few values. */
  async choose(name: string, value: string): Promise<void> {
    await this.page.getByRole('combobox', { name, exact: true }).selectOption(value);
  }

  /** Goes to a page by its link in the menu. */
  async go(name: string): Promise<void> {
    await this.page.setViewportSize({ width: 1280, height: 800 });
    await this.page
      .getByRole('navigation', { name: 'Pages', exact: true })
      .getByRole('link', { name, exact: true })
      .click();
    await this.heading(name);
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Looks at the page as it is in every size and colour: nothing for axe to say, no scrolling sideways. */
  async looksGood(name: string): Promise<void> {
    for (const { width, height, colorScheme } of LOOKS) {
      const look = `${name}-${width}-${colorScheme}`;
      await this.page.setViewportSize({ width, height });
      await this.page.emulateMedia({ colorScheme });
      const sideways = await this.page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(sideways, 0, `${look} scrolls sideways`);
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      assert.deepEqual(told, [], look);
      if (PICTURES !== undefined) {
        mkdirSync(PICTURES, { recursive: true });
        await this.page.screenshot({ path: join(PICTURES, `${look}.png`), fullPage: true });
      }
    }
    await this.page.setViewportSize(SIZE);
  }

  /** Goes through the page with the Tab key, from its first link on: everything that can be used is come by. */
  async walks(): Promise<void> {
    const reached = new Set<number>();
    await this.page.evaluate("document.querySelector('a').focus()");
    for (;;) {
      const [at, all, isOver] = (await this.page.evaluate(PLACE_OF_FOCUS)) as [number, number, boolean];
      if (isOver || reached.has(at)) {
        reached.delete(-1);
        assert.equal(reached.size, all, `${reached.size} of ${all} can be reached by the keyboard`);
        return;
      }
      reached.add(at);
      await this.page.keyboard.press('Tab');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    assert.deepEqual(this.problems, []);
  }
}
