import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestDirectory } from '@mahilo/shared/test/directory';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHECK = join(ROOT, 'scripts/check-imports.ts');
/** No file there is ignored, and each mistake is shown. */
const BIOME_OPTIONS = ['--colors=off', '--max-diagnostics=none', '--vcs-enabled=false'];

type Fault = readonly [file: string, source: string, sentence: string];

const PROCESS = 'Nobody imports api or worker';
const TIME = 'Take the time from';
const RANDOMNESS = 'Take randomness from';
const ENVIRONMENT = 'Take settings from';

/** What Biome must refuse, each in a file of its own. */
const FOR_BIOME: readonly Fault[] = [
  ['packages/api/src/a.ts', "import '@mahilo/worker/decide';", PROCESS],
  ['packages/api/src/http/b.ts', "import type { X } from '../auth/x.ts';", 'http/ knows no feature'],
  ['packages/api/src/http/c.ts', "await import('@mahilo/worker/decide');", PROCESS],
  ['packages/worker/src/d.ts', "import '@mahilo/api/app';", 'worker imports only shared'],
  ['packages/worker/src/e.ts', "import '@mahilo/operator/queue';", 'worker imports only shared'],
  ['packages/operator/src/f.ts', "import '@mahilo/worker/decide';", 'operator imports only shared'],
  ['packages/cli/src/p.ts', "import '@mahilo/shared/clock';", 'cli imports only client'],
  ['packages/console/src/w.tsx', "import '@mahilo/shared/clock';", 'console imports only the types'],
  ['packages/shared/src/outbox/g.ts', "import '@mahilo/operator/queue';", 'shared imports no other'],
  ['packages/shared/src/db/h.ts', "import type { X } from '../outbox/lanes.ts';", 'db knows no other'],
  ['packages/shared/src/db/sqlite/i.ts', "import '../../events/append.ts';", 'db knows no other'],
  ['packages/shared/src/egress/j.ts', "import '../db/open.ts';", "Of shared's folders only config"],
  ['packages/client/src/p.ts', "import '@mahilo/shared/errors';", 'it imports nothing of ours'],
  ['packages/api/src/q.ts', "import '@mahilo/client';", 'The client is for others'],
  ['packages/api/src/http/r.ts', "import '@mahilo/client';", 'The client is for others'],
  ['packages/worker/src/s.ts', "import '@mahilo/client';", 'worker imports only shared'],
  ['packages/operator/src/t.ts', "import '@mahilo/client';", 'operator imports only shared'],
  ['packages/shared/src/u.ts', "import '@mahilo/client';", 'shared imports no other'],
  ['scripts/v.ts', "import '@mahilo/client';", 'scripts import only operator and shared'],
  ['scripts/k.ts', "import '@mahilo/api/app';", 'scripts import only operator and shared'],
  ['scripts/demo/o.ts', "import '../../test/world/world.ts';", 'scripts import only operator and shared'],
  ['test/l.ts', "import '@mahilo/worker/decide';", PROCESS],
  ['packages/worker/src/m.ts', "import type { X } from './n.ts';", 'part of a cycle'],
  ['packages/worker/src/n.ts', "import './m.ts';", 'part of a cycle'],
  ['packages/api/src/time.ts', 'export const x = Date.now();', TIME],
  ['packages/worker/src/time.ts', 'export const x = new Date();', TIME],
  ['packages/shared/src/time.ts', 'export const x = performance.now();', TIME],
  ['packages/shared/src/hrtime.ts', 'export const x = process.hrtime();', TIME],
  ['packages/operator/src/random.ts', 'export const x = Math.random();', RANDOMNESS],
  ['packages/api/src/random.ts', "import { randomUUID as x } from 'node:crypto';\nx();", RANDOMNESS],
  ['packages/worker/src/random.ts', 'export const x = crypto.randomUUID();', RANDOMNESS],
  ['packages/api/src/environment.ts', "export const x = process.env['X'];", ENVIRONMENT],
  ['packages/operator/src/environment.ts', 'export const { env } = process;', ENVIRONMENT],
  ['packages/shared/src/config/environment.ts', "import { env } from 'node:process';\nenv;", ENVIRONMENT],
];

/** Faults that only the path of an import shows. */
const FOR_OUR_CHECK: readonly Fault[] = [
  ['packages/api/src/a.ts', "import '../../worker/src/decide.ts';", 'leads into or out of a package'],
  ['scripts/demo/b.ts', "import '../../packages/shared/src/clock.ts';", 'leads into or out of a package'],
  ['packages/shared/src/c.ts', "new URL('../../../scripts/b.ts', import.meta.url);", 'leads into or out'],
  ['packages/worker/src/e.ts', "import '@mahilo/shared/test/database';", 'is a test, which the product'],
  ['packages/api/src/groups/f.ts', "import type { X } from '../policies/g.ts';", 'makes a circle of folders'],
  ['packages/worker/src/deps.ts', "import type { X } from './lanes/j.ts';", 'makes a circle of folders'],
];

/** The other arrow of a circle, which two imports make, is not the one that runs the wrong way. */
const INNOCENT: readonly Fault[] = [
  ['packages/api/src/policies/g.ts', "import '../groups/f.ts';", ''],
  ['packages/api/src/policies/h.ts', "import '../groups/f.ts';", ''],
  ['packages/worker/src/lanes/i.ts', "import '../deps.ts';", ''],
  ['packages/worker/src/lanes/j.ts', "import '../deps.ts';", ''],
];

/** What the checks print about a repository with our rules and these files. */
function complaintsAbout(faults: readonly Fault[], program: string, ...programArguments: string[]): string {
  using directory = new TestDirectory();
  for (const name of ['biome.json', 'lint']) {
    cpSync(join(ROOT, name), join(directory.path, name), { recursive: true });
  }
  for (const [file, source] of faults) {
    mkdirSync(dirname(join(directory.path, file)), { recursive: true });
    writeFileSync(join(directory.path, file), `${source}\n`);
  }
  const options = { cwd: directory.path, encoding: 'utf8' as const };
  const { status, stdout, stderr } = spawnSync(program, programArguments, options);
  assert.equal(status, 1, stdout + stderr);
  return stdout + stderr;
}

test('Biome names each file that goes past a wall', () => {
  const program = join(ROOT, 'node_modules/.bin/biome');
  const printed = complaintsAbout(FOR_BIOME, program, 'lint', ...BIOME_OPTIONS);
  const complaints = printed.split(/^(?=\S+:\d+:\d+ )/m);
  for (const [file, source, sentence] of FOR_BIOME) {
    const found = complaints.some((text) => text.startsWith(`${file}:`) && text.includes(sentence));
    assert.ok(found, `${file} may say ${source}\n${printed}`);
  }
});

test('our own check names the file and the import, wherever a path leads', () => {
  const printed = complaintsAbout([...FOR_OUR_CHECK, ...INNOCENT], process.execPath, CHECK);
  const lines = printed.trimEnd().split('\n');
  assert.equal(lines.length, FOR_OUR_CHECK.length, printed);
  for (const [file, source, sentence] of FOR_OUR_CHECK) {
    const [, specifier = ''] = /'([^']+)'/.exec(source) ?? [];
    const found = lines.some(
      (line) => line.startsWith(`${file} imports ${specifier}: `) && line.includes(sentence),
    );
    assert.ok(found, `${file} may say ${source}\n${printed}`);
  }
});
