import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsSchema } from '@mahilo/shared/config/settings';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { ROOT } from './documents/markdown.ts';

const UNITS = join(ROOT, 'deploy/systemd');
/** The highest exposure that `systemd-analyze security` may find in a unit; 10 is no sandbox at all. */
const EXPOSURE_AT_MOST = 1.5;

const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;
const skip = !isThere && process.env['CI'] === undefined && 'There is no systemd here.';

/** The units in a directory of their own, for a product that is installed where this repository is. */
function installed(directory: string): (...words: string[]) => ReturnType<typeof analyze> {
  cpSync(UNITS, directory, { recursive: true });
  for (const file of globSync('**/*.{service,conf}', { cwd: directory }).map((name) =>
    join(directory, name),
  )) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/opt/mahilo', ROOT.replace(/\/$/, '')));
  }
  return (...words) => analyze(directory, words);
}

function analyze(directory: string, words: readonly string[]) {
  return spawnSync('systemd-analyze', words, {
    // The colon keeps the system's own directories, where network-online.target is.
    env: { PATH: process.env['PATH'], SYSTEMD_UNIT_PATH: `${directory}:`, SYSTEMD_COLORS: '0' },
    encoding: 'utf8',
  });
}

test('systemd has nothing to say against the units', { skip }, () => {
  using directory = new TestDirectory();
  const systemd = installed(directory.path);
  const units = globSync('*.{service,timer,target}', { cwd: directory.path });
  const { status, stderr } = systemd('verify', ...units.map((name) => join(directory.path, name)));
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(units.length, 6);
});

for (const unit of ['mahilo-api.service', 'mahilo-worker@1.service', 'mahilo-backup.service']) {
  test(`the sandbox of ${unit} is as tight as it was`, { skip }, () => {
    using directory = new TestDirectory();
    const systemd = installed(directory.path);
    const { stdout, stderr } = systemd('security', '--offline=true', '--no-pager', unit);
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
    assert.ok(Number(exposure) <= EXPOSURE_AT_MOST, `${stdout}${stderr}`);
  });
}

test('the examples of settings name settings that exist, with their defaults where they are commented out', () => {
  const properties: Record<string, object> = settingsSchema.properties;
  for (const file of ['systemd/mahilo.env', '.env.example']) {
    const lines = readFileSync(join(ROOT, 'deploy', file), 'utf8').matchAll(/^(#?)([A-Z_]+)=(.*)$/gm);
    for (const [, isComment, name = '', value] of lines) {
      // The password of the server is no setting: the driver of PostgreSQL reads it, as every program of the server does.
      if (/^(MAHILO|COMPOSE)_|^SECRET_KEY|^PGPASSWORD$/.test(name)) continue;
      const facts = properties[name];
      assert.ok(facts, `${file}: ${name}`);
      if (isComment && 'default' in facts) assert.equal(value, String(facts.default), `${file}: ${name}`);
    }
  }
});
