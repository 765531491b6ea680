import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { imageLayout, type Layout, productionInstall } from '../installed/layouts.ts';

/** Owns nothing of the product, as the user `mahilo` of the units and user 10001 of the images. */
const NOBODY = 10_001;
const READ_BY_ALL = 0o755;

/** One row for each use of a tool; the last ones need what earlier ones have made. */
const RUNS: readonly (readonly string[])[] = [
  ['--help'],
  ['secret', 'generate'],
  ['users', 'create', 'ann'],
  ['users', 'list'],
  ['invites', 'create'],
  ['invites', 'list'],
  ['secret', 'status'],
  ['queue', 'list'],
  ['backup', '--to', 'backups', '--keep-days', '30'],
];

const MAKE_DATABASE = `
import { openDatabase } from '@mahilo/shared/db/open';
await (await openDatabase(process.env.DATABASE_URL)).close();
`;

/** Runs every tool of a layout as an unprivileged user. It may neither install nor change anything. */
function checkTools({ name, directory, node, tool }: Layout): void {
  const place = mkdtempSync(join(tmpdir(), 'mahilo-tools-'));
  chownSync(place, NOBODY, NOBODY);
  const asNobody = (words: readonly string[]) => {
    const identity = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
    const { status, stdout, stderr } = spawnSync('setpriv', [...identity, '--', ...words], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: place,
        NODE_ENV: 'production',
        SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
        DATABASE_URL: join(place, 'mahilo.db'),
      },
      encoding: 'utf8',
    });
    return { status, text: `${name}: ${words.join(' ')}\n${stdout}${stderr}`, stdout };
  };
  const succeeds = (words: readonly string[]) => {
    const { status, text } = asNobody(words);
    assert.equal(status, 0, text);
  };
  const packages = join(directory, 'node_modules');
  const before = statSync(packages).mtimeMs;
  try {
    succeeds([node, '--input-type=module', '-e', MAKE_DATABASE]);
    const to = (words: readonly string[]) =>
      words.map((word) => (word === 'backups' ? join(place, word) : word));
    for (const words of RUNS) succeeds([...tool, ...to(words)]);
    const [backup = ''] = globSync('backups/mahilo-*.db', { cwd: place });
    succeeds([...tool, 'restore', join(place, backup)]);
    // It rightly complains that no worker runs.
    const doctor = asNobody([...tool, 'doctor', '--json']);
    assert.ok(Array.isArray(JSON.parse(doctor.stdout).findings), doctor.text);
    assert.equal(statSync(packages).mtimeMs, before, `${name}: something was installed`);
    const atHome = globSync('{.,}*', { cwd: place }).filter(
      (file) => !/^(mahilo\.db.*|backups|\.)$/.test(file),
    );
    assert.deepEqual(atHome, [], `${name}: a tool left something in its user's home`);
  } finally {
    rmSync(place, { recursive: true });
  }
}

for (const install of [productionInstall, imageLayout]) {
  test(`every tool works in what ${install.name} makes, for a user who may only read it, and installs nothing`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'mahilo-installed-'));
    chmodSync(directory, READ_BY_ALL);
    try {
      checkTools(install(directory));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
