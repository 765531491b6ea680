import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import { settingsSchema } from '@mahilo/shared/config/settings';
import { ERROR_STATUS } from '@mahilo/shared/errors';
import { guidePage, limitsPage, settingsPage } from '../scripts/settings-docs.ts';
import { prose, ROOT, section, textOf } from './documents/markdown.ts';

const DOCUMENTS = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });
const GUIDE = 'docs/agents.md';

test('every link between documents leads somewhere', () => {
  const broken = DOCUMENTS.flatMap((file) =>
    linksOf(file)
      .filter((link) => !resolves(file, link))
      .map((link) => `${file}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('settings, limits and error codes are what their tables say', () => {
  assert.equal(textOf('docs/settings.md'), settingsPage());
  assert.equal(textOf('docs/limits.md'), limitsPage());
  assert.equal(textOf(GUIDE), guidePage());
});

test('every setting that a document names exists', () => {
  const known = new Set([
    ...Object.keys(settingsSchema.properties),
    ...Object.keys(ERROR_STATUS),
    ...settingsOfCompose(),
    // Variables of the examples, of the reverse proxies, and of Node.
    'MAHILO_KEY',
    'MAHILO_URL',
    'NO_COLOR',
    'AGENT_PORT',
    // Codes of the client, which no registry answers.
    'KEY_CHANGED',
    'KEYS_ELSEWHERE',
    'NO_KEYS',
    // A setting misspelt on purpose.
    'MAX_RETRY',
    // A state of an A2A task.
    'AUTH_REQUIRED',
    'BAD_GATEWAY',
    // Names a server for tests.
    'TEST_DATABASE_URL',
    'NODE_EXTRA_CA_CERTS',
    'NODE_COMPILE_CACHE',
    'NODE_OPTIONS',
    'MALLOC_ARENA_MAX',
  ]);
  const unknown = DOCUMENTS.flatMap((file) =>
    [...textOf(file).matchAll(/`([A-Z]+(?:_[A-Z]+)+)[`=]/g)].map(([, name]) => `${file}: ${name}`),
  ).filter((found) => !known.has(found.split(': ')[1] ?? ''));
  assert.deepEqual(unknown, []);
});

test('the retries in the guide for agents are those of the default settings', () => {
  const defaults = loadSettings({ SECRET_KEY: 'only so that the others are read' });
  let total = 0;
  const expected = Array.from({ length: defaults.MAX_RETRIES }, (_, i) => {
    const seconds = (defaults.RETRY_BASE_MS * defaults.RETRY_FACTOR ** i) / 1000;
    total += seconds;
    return `| ${i + 1} | ${inWords(seconds)} | ${inWords(total)} |`;
  });
  const rows = section(textOf(GUIDE), '## Retries').match(/^\| \d .*\|$/gm);
  assert.deepEqual(rows, expected);
});

test('every test that a document names as its proof exists', () => {
  const missing: string[] = [];
  let found = 0;
  for (const file of DOCUMENTS) {
    for (const [, path = '', titles = ''] of textOf(file).matchAll(
      /\]\(([^)\s]+\.test\.ts)\)((?:,? “[^”]+”)*)/g,
    )) {
      const source = textOf(relative(ROOT, join(ROOT, dirname(file), path)));
      for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g)) {
        found += 1;
        if (!source.includes(`test('${title}'`)) missing.push(`${file}: ${path} “${title}”`);
      }
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(found > 40);
});

function settingsOfCompose(): string[] {
  return [...textOf('deploy/.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name = '']) => name);
}

function linksOf(file: string): string[] {
  return [...prose(textOf(file)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link ?? '')
    .filter((link) => !link.startsWith('https://'));
}

function resolves(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  return [...prose(textOf(file)).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function inWords(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
