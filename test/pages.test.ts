import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT, textOf } from './documents/markdown.ts';
import { commandBlocks } from './pages/blocks.ts';

/** Pages whose blocks are run by another test. */
const RUN_ELSEWHERE: readonly string[] = ['README.md', 'docs/agents.md'];
const PAGES = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*.md'], { cwd: ROOT }).filter(
  (page) => !RUN_ELSEWHERE.includes(page),
);
const SCENARIOS = globSync('test/ci/pages-*.test.ts', { cwd: ROOT })
  .map((file) => textOf(file))
  .join('\n');

test('every block of commands on a page is run by a scenario, or says why it cannot be', () => {
  const blocks = PAGES.flatMap(commandBlocks);
  assert.ok(blocks.length > 20);
  const silent = blocks.filter(({ scenario, excuse }) => scenario === undefined && excuse === undefined);
  assert.deepEqual(
    silent.map(({ page, line }) => `${page}:${line}`),
    [],
    'Put <!-- run: SCENARIO --> or <!-- not run: REASON --> above it.',
  );
  const unknown = blocks.filter(
    ({ scenario }) => scenario !== undefined && !SCENARIOS.includes(`blocksOf('${scenario}'`),
  );
  assert.deepEqual(
    unknown.map(({ page, line, scenario }) => `${page}:${line} ${scenario}`),
    [],
    'No test in test/ci runs this scenario.',
  );
});
