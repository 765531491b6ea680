import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { textOf } from './documents/markdown.ts';
import { Scrape } from './world/metrics.ts';
import { World } from './world/world.ts';

const RULES = 'deploy/prometheus/alerts.yml';
const DASHBOARD = 'deploy/grafana/dashboards/mahilo.json';
const world = new World({ METRICS_PORT: '0', MAX_RETRIES: '1' });
/** The internal listeners, by the name of their job. */
const urls: Record<string, string> = {};

before(async () => {
  for (const [job, started] of [
    ['mahilo-api', await world.startApi()],
    ['mahilo-worker', await world.startWorker()],
  ] as const) {
    urls[job] = String((await started.logged(/^Internal listener/))['url']);
  }
});
after(() => world[Symbol.asyncDispose]());

const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();

test('each alert has a test', () => {
  const tests = textOf('deploy/prometheus/alerts.test.yml');
  const untested = [...textOf(RULES).matchAll(/- alert: (\w+)/g)].filter(
    ([, name = '']) => !tests.includes(name),
  );
  assert.deepEqual(untested, []);
});

test('every metric that the dashboard and the alerts name exists', async () => {
  const pages = await Promise.all(Object.values(urls).map(metricsOf));
  const known = new Set(pages.flatMap((page) => new Scrape(page).described.map(({ name }) => name)));
  const named = `${textOf(DASHBOARD)}${textOf(RULES)}`.matchAll(/\b(?:mahilo|nodejs|process)_\w+/g);
  const unknown = [...named]
    .map(([name]) => name)
    .filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')));
  assert.deepEqual(unknown, []);
});
