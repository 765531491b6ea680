import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, textOf } from '../documents/markdown.ts';
import { DASHBOARD, MonitoredWorld, metricsOf, RULES } from '../monitoring/monitored.ts';
import { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { hasPrometheus, Prometheus } from '../world/prometheus.ts';

/** CI must have it; elsewhere the tests that need it are skipped. */
const skip = !hasPrometheus() && process.env['CI'] === undefined && 'There is no Prometheus here.';

const world = new MonitoredWorld();

before(() => world.startBoth());
after(() => world[Symbol.asyncDispose]());

/** The expressions of the dashboard, by the title of their panel. */
function panelExpressions(): { title: string; expression: string }[] {
  interface Panel {
    title: string;
    targets?: { expr: string }[];
  }
  const { panels }: { panels: Panel[] } = JSON.parse(textOf(DASHBOARD));
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expression: expr.replaceAll('$__rate_interval', '15s') })),
  );
}

function promtool(options: readonly string[], input = ''): void {
  const { status, stdout, stderr } = spawnSync('promtool', options, { cwd: ROOT, input, encoding: 'utf8' });
  assert.equal(status, 0, `promtool ${options.join(' ')}\n${stdout}${stderr}`);
}

test('promtool has nothing to say against the configuration and the alert rules', { skip }, () => {
  promtool(['check', 'config', 'deploy/prometheus/prometheus.yml']);
  promtool(['check', 'rules', '--lint-fatal', RULES]);
});

test('each alert fires when it should, and only then', { skip }, () => {
  promtool(['test', 'rules', 'deploy/prometheus/alerts.test.yml']);
});

test('promtool has nothing to say against the metrics of both processes', { skip }, async () => {
  for (const url of Object.values(world.urls)) promtool(['check', 'metrics'], await metricsOf(url));
});

test('a real Prometheus finds something for every panel of the dashboard, and no alert', {
  skip,
}, async () => {
  const targets = Object.fromEntries(
    Object.entries(world.urls).map(([job, url]) => [job, new URL(url).host]),
  );
  await using prometheus = await Prometheus.start(targets, join(ROOT, RULES));
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  const stranger = new Client(() => world.url, '', 'mhl_of_nobody');
  await eventually(async () => {
    agent.behave = (_request, response) => response.writeHead(agent.received.length % 2 ? 200 : 500).end();
    await ann.send(ben, 'something to see');
    await stranger.call('GET', '/auth/me');
    const empty = [];
    for (const { title, expression } of panelExpressions()) {
      if ((await prometheus.query(expression)).length === 0) empty.push(`${title}: ${expression}`);
    }
    assert.deepEqual(empty, []);
    return true;
  }, 30_000);
  assert.deepEqual(await prometheus.query('ALERTS{alertstate="firing"}'), []);
});
