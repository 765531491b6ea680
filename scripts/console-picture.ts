import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { optionsOrExit } from '@mahilo/operator/command-line';
import { chromium, type Page } from 'playwright-core';
import { befriend, Person } from './demo/person.ts';
import { Registry } from './demo/registry.ts';
import { succeeds } from './process/run-program.ts';

const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const SIZE = { width: 1280, height: 800 };

const HELP = `Photographs the console, for the README: docs/pictures/console-light.png and console-dark.png.

node scripts/bootstrap.mjs scripts/console-picture.ts [option…]

  --browser FILE   Chromium, or a browser made of it (/usr/bin/chromium).
  --help           Shows this.

Starts a registry of its own with a few people in it, which goes with this command.`;

/** An agent that is only a callback URL, and always answers the same. */
async function agentThatAnswers(status: number): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback` };
}

const connect = async (person: Person, label: string, more: Readonly<Record<string, unknown>>) =>
  (await person.call('POST', '/agents', { framework: 'crewai', label, ...more })) as {
    connection_id: string;
  };

/** People with agents, of which one is in trouble, and something for one of them to decide. @returns that one. */
async function populate(registry: Registry, urls: { well: string; failing: string }): Promise<Person> {
  const people = ['nora', 'theo', 'mira'].map((name) => Person.register(registry.url, name));
  const [nora, theo, mira] = await Promise.all(people);
  if (nora === undefined || theo === undefined || mira === undefined) throw new Error('Nobody is there.');
  await connect(nora, 'planner', { callback_url: urls.well, routing_priority: 10 });
  const cloud = await connect(nora, 'cloud', { callback_url: urls.failing });
  const { connection_id: laptop } = await connect(nora, 'laptop', { mode: 'polling' });
  await connect(theo, 'stargazer', { callback_url: urls.well });
  await befriend(theo, nora);
  const messages = [
    ['Is the roof free on Friday? Saturn is up at nine.', 'stars on Friday'],
    ['Shall I bring the large telescope?', 'stars on Friday'],
    ['The weather service says: clear until midnight.', 'stars on Friday'],
  ] as const;
  for (const [message, correlation_id] of messages) await theo.send('nora', message, { correlation_id });
  await nora.send('theo', 'It is free. Come at eight, and do bring it.', {
    correlation_id: 'stars on Friday',
  });
  await theo.send('nora', 'Copied to the cloud.', { recipient_connection_id: cloud.connection_id });
  await theo.send('nora', 'Notes of last week', { recipient_connection_id: laptop });
  await nora.call('GET', `/inbox?connection_id=${laptop}`);
  await mira.call('POST', '/friends/request', { username: 'nora' });
  const { group_id } = (await theo.call('POST', '/groups', { name: 'roof-club' })) as { group_id: string };
  await theo.call('POST', `/groups/${group_id}/invite`, { username: 'nora' });
  return nora;
}

async function signIn(page: Page, url: string, { apiKey }: Person): Promise<void> {
  await page.goto(`${url}/console`);
  await page.getByText('With an API key').click();
  await page.getByLabel('API key').fill(apiKey);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function photograph(browserFile: string): Promise<void> {
  if (!(await succeeds(process.execPath, ['packages/console/build.ts'])))
    throw new Error('It cannot be built.');
  const registry = new Registry();
  const [well, failing] = [await agentThatAnswers(200), await agentThatAnswers(503)];
  const browser = await chromium.launch({ executablePath: browserFile, args: ['--no-sandbox'] });
  try {
    await Promise.all([registry.startApi(), registry.startWorker()]);
    const nora = await populate(registry, { well: well.url, failing: failing.url });
    const page = await browser.newPage({ viewport: SIZE });
    await signIn(page, registry.url, nora);
    await page.getByText('503').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${PICTURES}console-${colorScheme}.png` });
    }
  } finally {
    await browser.close();
    await registry.stop();
    for (const { server } of [well, failing]) server.close();
  }
}

const { values } = optionsOrExit(HELP, {
  options: { browser: { type: 'string', default: '/usr/bin/chromium' } },
});
await photograph(values.browser);
