// Runs a script of this workspace on the workspace's own Node: `node scripts/bootstrap.mjs <script.ts> [argument…]`.
// It is plain JavaScript, since the Node that starts it may not read TypeScript. It needs no package, since it
// installs them.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const NODE = join(ROOT, 'node_modules/node/bin/node');
const NODE_MAJOR = 24;
const PARENT_WATCH_MS = 500;
/** Scripts that may install packages: those that a fresh clone begins with. An operator's tool never does. */
const INSTALLING = ['scripts/start.ts', 'scripts/test.ts', 'scripts/demo.ts'];
/** Needs packages that a production install leaves out. */
const DEVELOPMENT_ONLY = ['scripts/test.ts'];

/** Whether the workspace's Node is there, and pnpm's record of the install matches the lockfile. */
function isInstalled(script) {
  if (!existsSync(NODE)) return false;
  // pnpm copies the lockfile as its last step, so an interrupted install has no copy, or an old one.
  const installed = textOf('node_modules/.pnpm/lock.yaml');
  if (installed === '') return false;
  if (installed === textOf('pnpm-lock.yaml')) return true;
  // With --prod the copy lacks what only development needs. Whoever made such an installation brings it up to date, too.
  return isForProduction() && !DEVELOPMENT_ONLY.includes(script);
}

function isForProduction() {
  return /"?devDependencies"?: false/.test(textOf('node_modules/.modules.yaml'));
}

function refuseToInstall() {
  fail(
    `The packages of ${ROOT} are not installed, or not those of this version. ${script} installs nothing: run \`npm test -- --help\` for development; for production see docs/deployment.md.`,
  );
}

async function install() {
  const { packageManager } = readJson('package.json');
  if (!packageManager?.startsWith('pnpm@')) {
    fail(
      'package.json does not say which pnpm installs the packages: "packageManager" must be "pnpm@<version>".',
    );
  }
  console.error(`Installing the packages with ${packageManager}; the first time this takes about a minute …`);
  const quiet = '--loglevel=error'; // The rest are remarks about the Node that runs pnpm; it does not run the product.
  const pinned = '--pm-on-fail=ignore'; // This is the pinned pnpm; it need not look for itself in lockfile and registry.
  const pnpm = [packageManager, '--', 'install', '--frozen-lockfile', quiet, pinned];
  const ending = await run('npm', ['exec', '--yes', ...pnpm], {
    cwd: ROOT,
    env: { ...process.env, npm_config_update_notifier: 'false' },
    stdio: 'inherit',
  });
  if (ending.signal) endLike(ending);
  else if (ending.error) fail(`npm could not be started: ${ending.error.message}`);
  else if (ending.code !== 0) {
    fail(
      'The packages could not be installed; the reason is above. If it is the network: this needs the npm registry once, then works offline.',
    );
  }
}

function assertNodeVersion() {
  if (!existsSync(NODE)) {
    fail(
      'The workspace has no Node of its own: the install script of the package "node" did not run. Remove node_modules and try again.',
    );
  }
  const { version } = readJson('node_modules/node/package.json');
  if (Number.parseInt(version, 10) < NODE_MAJOR) {
    fail(
      `This needs Node ${NODE_MAJOR} or newer, but package.json asks for the package "node" in version ${version}.`,
    );
  }
}

/**
 * Starts a command with this process's own input and output, and waits for its end.
 * @returns {Promise<{code?: number, signal?: NodeJS.Signals, error?: Error}>}
 */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    const stopForwarding = forwardSignals(child);
    const end = (ending) => {
      stopForwarding();
      resolve(ending);
    };
    child.on('error', (error) => end({ error }));
    child.on('exit', (code, signal) => end({ code: code ?? undefined, signal: signal ?? undefined }));
  });
}

/** Keeps this process alive until its child has ended, and passes signals on to it. */
function forwardSignals(child) {
  // A terminal sends Ctrl-C to the child as well; forwarded, it would look like a second, impatient one.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const listeners = {
    SIGINT: () => onTerminal || child.kill('SIGINT'),
    SIGTERM: () => child.kill('SIGTERM'),
    SIGHUP: () => child.kill('SIGHUP'),
  };
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener);
  const watch = watchParent(() => child.kill('SIGTERM'));
  return () => {
    clearInterval(watch);
    for (const [signal, listener] of Object.entries(listeners)) process.off(signal, listener);
  };
}

/**
 * npm forwards SIGTERM to the shell that it runs scripts in, and that shell ends without a word to this process. So
 * where npm is the starter, its end is the signal; elsewhere a parent may well end and leave this running (`nohup`).
 */
function watchParent(onGone) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, PARENT_WATCH_MS);
  return watch;
}

/** Ends this process as its child ended, so that its parent sees no difference. */
function endLike({ code, signal }) {
  if (!signal) process.exit(code);
  process.kill(process.pid, signal);
  // Signals that do not end a process (Node ignores SIGPIPE) are reported as shells report them.
  setImmediate(() => process.exit(128 + constants.signals[signal]));
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

/** Empty when there is no such file. */
function textOf(path) {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return '';
  }
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

const [script, ...scriptArguments] = process.argv.slice(2);
if (!script) fail('Usage: node scripts/bootstrap.mjs <script.ts> [argument…]');
const name = relative(ROOT, resolve(script));
if (!isInstalled(name)) {
  if (!INSTALLING.includes(name)) refuseToInstall();
  await install();
}
assertNodeVersion();
const withParent = new URL('process/stop-with-parent.ts', import.meta.url).href;
const ending = await run(NODE, ['--import', withParent, script, ...scriptArguments], {
  // Programs that the script starts by name should be the workspace's as well.
  env: { ...process.env, PATH: [BIN, process.env.PATH].join(delimiter) },
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
if (ending.error) fail(`Node could not be started: ${ending.error.message}`);
endLike(ending);
