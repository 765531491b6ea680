import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { ROOT } from '../documents/markdown.ts';
import type { Client } from '../world/client.ts';
import { skipWithout } from '../world/needed-program.ts';
import type { Environment } from '../world/process.ts';
import { World } from '../world/world.ts';
import { CHROMIUM, openBrowser, Visitor } from './visitor.ts';

/** Why tests at a browser are skipped, if they are. */
export const skip = skipWithout('chromium', existsSync(CHROMIUM));

interface Parts {
  /** Without one only polling agents get something. */
  hasWorker?: boolean;
  /** Of the browser. */
  options?: readonly string[];
}

/** A registry with its console, and a browser at it: what each part of the CI at a browser begins with. */
export class ConsoleWorld implements AsyncDisposable {
  readonly world: World;
  readonly browser: Browser;

  private constructor(world: World, browser: Browser) {
    this.world = world;
    this.browser = browser;
  }

  /** Builds the console where its sources are newer, and starts the rest. Visitors are limited only where a test says so. */
  static async start(environment: Environment = {}, { hasWorker = true, options }: Parts = {}) {
    execFileSync(process.execPath, ['packages/console/build.ts'], { cwd: ROOT });
    const world = new World({ RATE_LIMIT: '10000', RATE_LIMIT_IP: '10000', ...environment });
    await world.startApi();
    if (hasWorker) await world.startWorker();
    return new ConsoleWorld(world, await openBrowser(options));
  }

  /** Somebody who comes. */
  visitor(): Promise<Visitor> {
    return Visitor.at(this.browser, this.world.url);
  }

  /** Somebody who has signed in. */
  async signedIn(person: Client): Promise<Visitor> {
    const visitor = await this.visitor();
    await visitor.signInByKey(person.apiKey ?? '');
    return visitor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.world[Symbol.asyncDispose]();
  }
}
