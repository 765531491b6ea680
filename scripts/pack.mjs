// What npm and pnpm run before and after they pack a package that is published, in its folder (prepack and postpack):
// builds it, and writes the manifest that others see. In the workspace `exports` and `bin` lead to the sources, which
// Node does not strip below node_modules; what is published has those of `publishConfig`. pnpm would do that by itself,
// npm would not. It is plain JavaScript, since any Node may run it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const MANIFEST = 'package.json';
/** The manifest of the workspace, while the other one is in its place. */
const KEPT = '.package.json.kept';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

function build() {
  const { status } = spawnSync(process.execPath, [TSC, '--project', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

/** Packages of the workspace by their version, as npm needs them. */
function published(dependencies = {}) {
  const entries = Object.entries(dependencies).map(([name, range]) => {
    if (!range.startsWith('workspace:')) return [name, range];
    return [name, read(join(ROOT, 'packages', name.replace('@mahilo/', ''), MANIFEST)).version];
  });
  return Object.fromEntries(entries);
}

function prepare() {
  restore(); // After an interruption.
  build();
  const { scripts: _, devDependencies: __, publishConfig, dependencies, ...manifest } = read(MANIFEST);
  const { exports, bin, ...config } = publishConfig;
  const fields = { ...(exports && { exports }), ...(bin && { bin }) };
  const others = { dependencies: published(dependencies), publishConfig: config };
  renameSync(MANIFEST, KEPT);
  writeFileSync(MANIFEST, `${JSON.stringify({ ...manifest, ...fields, ...others }, undefined, 2)}\n`);
  copyFileSync(join(ROOT, 'LICENSE'), 'LICENSE');
}

function restore() {
  if (existsSync(KEPT)) renameSync(KEPT, MANIFEST);
  for (const made of ['LICENSE', 'dist']) rmSync(made, { recursive: true, force: true });
}

const [step] = process.argv.slice(2);
if (step === 'prepare') prepare();
else if (step === 'restore') restore();
else {
  console.error('usage: pack.mjs prepare|restore, in the folder of a package');
  process.exitCode = 2;
}
