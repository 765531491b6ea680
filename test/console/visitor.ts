import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import {
  type Browser,
  type BrowserContext,
  type Cookie,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';

/** Where pictures of the pages go, for people to look at; unset: nowhere. */
const PICTURES = process.env['CONSOLE_PICTURES'];
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** How long (ms) a page may take for something; a machine under test is slow. */
const PATIENCE_MS = 60_000;
const SIZE = { width: 1280, height: 800 };
interface Look {
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
}
const LOOKS: readonly Look[] = [
  { width: 1280, height: 800, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 360, height: 740, colorScheme: 'light' },
  { width: 360, height: 740, colorScheme: 'dark' },
];
/** Each size, and each colour: what is wrong in one of the others is wrong in one of these. */
export const TWO_LOOKS: readonly Look[] = LOOKS.filter(
  ({ width, colorScheme }) => (width === 360) === (colorScheme === 'dark'),
);
/**
 * Which of all things that can be used has the focus, how many there are, whether one is through, and whether one sees
 * where the focus is; of radio buttons one is.
 */
const PLACE_OF_FOCUS = `(() => {
  const usable = 'a[href], button:enabled:not([tabindex="-1"]), input:enabled:not([type=radio]:not(:checked)), '
    + 'select, textarea, summary, [tabindex="0"]';
  const all = [...document.querySelectorAll(usable)].filter((one) => one.checkVisibility());
  const here = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(here);
  const { top, bottom } = here.getBoundingClientRect();
  const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && bottom > 0 && top < innerHeight;
  return [all.indexOf(here), all.length, here === document.body, isSeen, here.outerHTML.slice(0, 120)];
})()`;
type PlaceOfFocus = [at: number, all: number, isOver: boolean, isSeen: boolean, what: string];

/** Whether the keyboard is in the dialog that covers the page. Behind its last part the browser's own buttons come. */
const IS_IN_DIALOG = `document.activeElement === document.body
  || document.querySelector('dialog:modal')?.contains(document.activeElement) === true`;
/** More than any dialog has that can be used. */
const ROUND = 8;
/** A browser writes this for each answer that is not 2xx, as for whoever is not signed in yet. */
const NO_PROBLEM = /^Failed to load resource: the server responded with a status of/;

/** And this where there is no answer. */
const OF_THE_NETWORK = /^Failed to load resource: net::|EventSource/;

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
  readonly #isFurtherTab: boolean;
  #isTold = true;

  private constructor(context: BrowserContext, page: Page, url: string, isFurtherTab = false) {
    this.#context = context;
    this.page = page;
    this.#url = url;
    this.#isFurtherTab = isFurtherTab;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      const isBad = message.type() === 'error' || message.type() === 'warning';
      const isWord =
        NO_PROBLEM.test(message.text()) || (!this.#isTold && OF_THE_NETWORK.test(message.text()));
      if (isBad && !isWord) this.problems.push(message.text());
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
      // What fades in is looked at when it is there, however slow the machine.
      reducedMotion: 'reduce',
    });
    return new Visitor(context, await context.newPage(), url);
  }

  /** The same browser, with another tab, which shares its cookies. */
  async tab(): Promise<Visitor> {
    return new Visitor(this.#context, await this.#context.newPage(), this.#url, true);
  }

  /** From now on what the browser says in its own words of requests that fail is no problem. */
  expectsFailures(): void {
    this.#isTold = false;
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
    await this.givesKey(apiKey);
    await this.heading('Overview');
  }

  /** Where one signs in. */
  async givesKey(apiKey: string): Promise<void> {
    await this.page.getByText('With an API key').click();
    await this.page.getByLabel('API key').fill(apiKey);
    await this.press('Sign in');
  }

  /** With a link of the operator's tools. */
  async signInByLink(link: string): Promise<void> {
    await this.open(`/${link.split('/console/')[1]}`);
    await this.press('Sign in with this link');
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

  /**
   * Looks at the page as it is in every size and colour: no scrolling sideways, and, in those of `forAxe`, nothing for axe
   * to say.
   */
  async looksGood(name: string, forAxe: readonly Look[] = LOOKS): Promise<void> {
    for (const one of LOOKS) {
      const { width, height, colorScheme } = one;
      const look = `${name}-${width}-${colorScheme}`;
      await this.page.setViewportSize({ width, height });
      await this.page.emulateMedia({ colorScheme });
      const sideways = await this.page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(sideways, 0, `${look} scrolls sideways`);
      if (forAxe.includes(one)) assert.deepEqual(await this.#axe(), [], look);
      if (PICTURES !== undefined) {
        mkdirSync(PICTURES, { recursive: true });
        await this.page.screenshot({ path: join(PICTURES, `${look}.png`), fullPage: true });
      }
    }
    await this.page.setViewportSize(SIZE);
  }

  /** What axe has to say of the page. */
  async #axe(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  /**
   * Goes through the page with the Tab key, from its first link on: everything that can be used is come by, in the order
   * in which it stands there, and one sees where one is.
   */
  async walks(): Promise<void> {
    const reached: number[] = [];
    await this.page.evaluate("document.querySelector('a').focus()");
    // The browser shows where the focus is once a key was used.
    await this.page.keyboard.press('Shift');
    for (;;) {
      const [at, all, isOver, isSeen, what] = (await this.page.evaluate(PLACE_OF_FOCUS)) as PlaceOfFocus;
      if (isOver || reached.includes(at)) {
        assert.equal(reached.length, all, `${reached.length} of ${all} can be reached by the keyboard`);
        return;
      }
      assert.ok(at > (reached.at(-1) ?? -1), `the keyboard leads from ${reached.at(-1)} to ${at}: ${what}`);
      assert.ok(isSeen, `one sees where the keyboard is: ${what}`);
      reached.push(at);
      await this.page.keyboard.press('Tab');
    }
  }

  /**
   * Opens every kind of dialog that the page has, by the keyboard: the focus is in it and stays there, and is where it was
   * after Escape.
   * @returns what opens them.
   */
  async opensDialogs(): Promise<string[]> {
    const openers = this.page.getByRole('main').getByRole('button').filter({ hasText: /…$/, visible: true });
    const words = [...new Set(await openers.allTextContents())];
    for (const word of words) {
      const opener = openers.filter({ hasText: word }).first();
      await this.traps(() => opener.press('Enter'));
      await this.hasFocus(opener);
    }
    return words;
  }

  /** Waits until the keyboard is at something. */
  async hasFocus(what: Locator): Promise<void> {
    await what.and(this.page.locator(':focus')).waitFor();
  }

  /** What opens covers the page: the keyboard stays in it, until Escape closes it. */
  async traps(open: () => Promise<void>): Promise<void> {
    const dialog = this.page.locator('dialog[open]');
    await open();
    await dialog.waitFor();
    for (let n = 0; n < ROUND; n += 1) {
      assert.ok(await this.page.evaluate(IS_IN_DIALOG), `${await this.focused()} is behind the dialog`);
      await this.page.keyboard.press('Tab');
    }
    await this.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#isFurtherTab ? this.page.close() : this.#context.close());
    assert.deepEqual(this.problems, []);
  }
}
