import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FOR_NODE } from '../../bench/rig/as-shipped.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the benchmark measures what it says, and leaves a table, figures and a chart', async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'mahilo-test-'));
  const [json, chart] = [join(directory.path, 'figures.json'), join(directory.path, 'chart.svg')];
  const { stdout } = await bench(
    ...['--quick', '--case', 'accept,accept-alone,deliver'],
    ...['--json', json, '--chart', chart, '--directory', directory.path],
  );

  const { results } = JSON.parse(readFileSync(json, 'utf8'));
  assert.deepEqual(
    results.map((result: { case: string }) => result.case),
    [
      'accept, against A',
      'accept, against B',
      'accept alone, p50',
      'accept alone, p99',
      'accept alone, p50 against A',
      "deliver, against got's promises",
      "deliver, against got's streams",
    ],
  );
  for (const result of results) {
    for (const figure of [result.measured, result.baseline.value, result.value, ...result.rounds]) {
      assert.ok(Number.isFinite(figure) && figure > 0, `${result.case} has the figure ${figure}`);
    }
    assert.ok(stdout.includes(result.case));
  }
  assert.doesNotMatch(stdout, /NaN|undefined|Infinity/);
  assert.match(readFileSync(chart, 'utf8'), /^<svg .*accept, against A.*<\/svg>\n$/s);
});

test('the benchmark measures each peer that can run here, and leaves figures, a table and a chart', async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'mahilo-test-'));
  const [json, chart, page] = ['peers.json', 'peers.svg', 'page.md'].map((name) =>
    join(directory.path, name),
  );
  assert.ok(json && chart && page);
  writeFileSync(
    page,
    'Before\n<!-- peers: written by `npm run bench -- --peers --document` -->\n<!-- end of peers -->\nAfter\n',
  );
  const { stdout } = await bench(
    ...['--peers', '--quick', '--rounds', '1', '--case', 'accept,deliver'],
    ...['--json', json, '--chart', chart, '--document', page],
  );

  const { rows, sides } = JSON.parse(readFileSync(json, 'utf8'));
  assert.deepEqual(Object.keys(rows), ['accept', 'deliver']);
  assert.ok('ours' in sides && 'plainjob' in sides, 'these two need no server');
  for (const side of Object.keys(sides)) {
    const [{ rate }] = rows.accept.bySide[side];
    const [{ fresh, warm }] = rows.deliver.bySide[side];
    for (const figure of [rate, fresh, warm]) assert.ok(figure > 0, `${side} has the figure ${figure}`);
  }
  assert.doesNotMatch(stdout, /NaN|undefined|Infinity/);
  assert.match(readFileSync(page, 'utf8'), /^Before\n.*deliver a backlog.*\nAfter\n$/s);
  assert.match(readFileSync(chart, 'utf8'), /^<svg .*plainjob.*<\/svg>\n$/s);
});

test('a soak loses nothing through restarts, and draws how it went', async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'mahilo-test-'));
  const [json, chart] = [join(directory.path, 'soak.json'), join(directory.path, 'soak.svg')];
  const { stdout } = await bench('--quick', '--soak', '1', '--rate', '20', '--json', json, '--chart', chart);
  const { sent, lost, restarts } = JSON.parse(readFileSync(json, 'utf8'));
  assert.ok(sent > 0 && restarts.length > 0);
  assert.equal(lost, 0);
  assert.doesNotMatch(stdout, /NaN|undefined|Infinity/);
  assert.match(readFileSync(chart, 'utf8'), /^<svg .*write-ahead log, MiB.*worker killed.*<\/svg>\n$/s);
});

test('the benchmark says what is wrong with its options', async () => {
  await assert.rejects(bench('--case', 'fly'), {
    code: 2,
    stderr: /There is no case fly; there are accept, /,
  });
});

test('what is measured runs with the options for Node that images and units set', () => {
  const [name] = readdirSync(join(ROOT, 'deploy/systemd/mahilo-.service.d'));
  for (const file of ['deploy/Dockerfile', `deploy/systemd/mahilo-.service.d/${name}`]) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [name, value] of Object.entries(FOR_NODE)) {
      const [, set] = new RegExp(`${name}=(\\S+)`).exec(text) ?? [];
      assert.equal(set, value, `${file}: ${name}`);
    }
  }
});

function bench(...options: string[]) {
  return promisify(execFile)(process.execPath, ['bench/main.ts', ...options], { cwd: ROOT });
}
