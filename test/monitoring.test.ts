import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { textOf } from './documents/markdown.ts';
import { DASHBOARD, MonitoredWorld, metricsOf, RULES } from './monitoring/monitored.ts';
import { Scrape } from './world/metrics.ts';

const world = new MonitoredWorld();

before(() => world.startBoth());
after(() => world[Symbol.asyncDispose]());

test('each alert has a test', () => {
  const tests = textOf('deploy/prometheus/alerts.test.yml');
  const untested = [...textOf(RULES).matchAll(/- alert: (\w+)/g)].filter(
    ([, name = '']) => !tests.includes(name),
  );
  assert.deepEqual(untested, []);
});

test('every metric that the dashboard and the alerts name exists', async () => {
  const pages = await Promise.all(Object.values(world.urls).map(metricsOf));
  const known = new Set(pages.flatMap((page) => new Scrape(page).described.map(({ name }) => name)));
  const named = `${textOf(DASHBOARD)}${textOf(RULES)}`.matchAll(/\b(?:mahilo|nodejs|process)_\w+/g);
  const unknown = [...named]
    .map(([name]) => name)
    .filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')));
  assert.deepEqual(unknown, []);
});
