import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { exitWithMistake, optionsOrExit } from '@mahilo/operator/command-line';
import { DEVELOPMENT_SECRET_FILE, usesDevelopmentSecret } from '@mahilo/operator/context';
import { configuredOrExit, loadSettings } from '@mahilo/shared/config/load';
import type { Settings } from '@mahilo/shared/config/settings';
import { LogOutput } from '@mahilo/shared/observe/log-output';
import { keepFilesPrivate } from '@mahilo/shared/private-files';
import { keepIgnoringHangUp } from '@mahilo/shared/process/hang-up';
import { healthyUrl, listeningUrl } from './start/api-ready.ts';
import { buildConsole } from './start/build-console.ts';
import { developmentSecret } from './start/development-secret.ts';
import { JsonLog } from './start/json-log.ts';
import type { MemberLog } from './start/member-log.ts';
import { ProcessGroup } from './start/process-group.ts';

const ROOT = join(import.meta.dirname, '..');
const API = 'packages/api/src/main.ts';
const WORKER = 'packages/worker/src/main.ts';

/** Beyond SHUTDOWN_TIMEOUT_MS, for what the processes still do when their work in flight has ended. */
const STOP_MARGIN_MS = 7000;
/** npm and the terminal may both deliver a Ctrl-C; what comes within this time counts once. */
const DUPLICATE_SIGNAL_MS = 500;
const READY_TIMEOUT_MS = 30_000;

const LEVELS_WITH_INFO: readonly string[] = ['trace', 'debug', 'info'];
const ANY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];

const HELP = `Runs the API and the worker together: npm start [-- option…]

  --workers N   Starts N workers instead of one.
  --help        Shows this.

Settings come from the environment. Without SECRET_KEY one is made and kept in ${DEVELOPMENT_SECRET_FILE}; with
NODE_ENV=production it must be given, and the log is what the processes write: JSON lines. When one of them ends, all
do. With METRICS_PORT the API takes that port, and the workers the ones after it. The API listens on 127.0.0.1, unless HOST
says otherwise.
Ctrl-C stops everything gracefully, a second one at once.`;

async function start(): Promise<number> {
  const workers = workerCount();
  keepFilesPrivate();
  ensureSecret();
  // The API by itself listens everywhere; who tries it out has not asked for that.
  if (!process.env['HOST']) process.env['HOST'] = '127.0.0.1';
  const settings = configuredOrExit(loadSettings);
  if (settings.CONSOLE) await buildConsole();
  const workerNames =
    workers === 1 ? ['worker'] : Array.from({ length: workers }, (_, i) => `worker-${i + 1}`);
  const isProduction = settings.NODE_ENV === 'production';
  // Who tries it out and reads no more wants it to end (`npm start | head`); in production only the log is lost.
  const output = new LogOutput(() => isProduction || group.stop());
  const log = await logFor(settings, ['api', ...workerNames], output);
  let apiUrl = urlWithoutLogLine(settings);
  const group = new ProcessGroup(
    {
      line(member, line) {
        log.line(member, line);
        if (member === 'api') apiUrl ??= listeningUrl(line);
      },
      news: (sentence) => log.say(sentence),
    },
    settings.SHUTDOWN_TIMEOUT_MS + STOP_MARGIN_MS,
  );

  stopOnSignals(group, log);
  group.start('api', API, process.env);
  for (const [index, name] of workerNames.entries()) {
    group.start(name, WORKER, { ...process.env, ...metricsPortOfWorker(settings, index) });
  }
  const over = new AbortController();
  const announced = isProduction ? undefined : announce(log, settings, () => apiUrl, over.signal);
  const exitCode = await group.ended();
  over.abort();
  await announced;
  return exitCode;
}

/** The log of all processes: for people, or in production for machines, without the packages that only the first needs. */
async function logFor(
  { NODE_ENV, LOG_LEVEL }: Settings,
  names: readonly string[],
  output: LogOutput,
): Promise<MemberLog> {
  if (NODE_ENV === 'production') return new JsonLog(LOG_LEVEL, output);
  const { ReadableLog } = await import('./start/readable-log.ts');
  return new ReadableLog(names, output);
}

function workerCount(): number {
  const { values } = optionsOrExit(HELP, { options: { workers: { type: 'string', default: '1' } } });
  const count = Number(values.workers);
  if (!Number.isInteger(count) || count < 1) {
    exitWithMistake(`--workers must be a whole number from 1, but it is "${values.workers}".`);
  }
  return count;
}

/** Gives the environment a SECRET_KEY where it has none and needs not be given one. */
function ensureSecret(): void {
  if (!usesDevelopmentSecret(process.env)) return;
  const { secret, isNew } = developmentSecret(DEVELOPMENT_SECRET_FILE);
  process.env['SECRET_KEY'] = secret;
  const source = isNew ? 'a new one is kept' : 'the one is used that is kept';
  console.log(`SECRET_KEY is not set: for development, ${source} in ${DEVELOPMENT_SECRET_FILE}.`);
}

/** Where the API will be, if LOG_LEVEL hides the line in which it says that itself. */
function urlWithoutLogLine({ LOG_LEVEL, HOST, PORT }: Settings): string | undefined {
  if (LEVELS_WITH_INFO.includes(LOG_LEVEL) || PORT === 0) return undefined;
  const host = ANY_ADDRESS.includes(HOST) ? 'localhost' : HOST;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${PORT}`;
}

function metricsPortOfWorker({ METRICS_PORT }: Settings, index: number): NodeJS.ProcessEnv {
  return METRICS_PORT ? { METRICS_PORT: String(METRICS_PORT + 1 + index) } : {};
}

function stopOnSignals(group: ProcessGroup, log: MemberLog): void {
  let lastAt = Number.NEGATIVE_INFINITY;
  let count = 0;
  const onSignal = () => {
    const now = performance.now();
    if (now - lastAt < DUPLICATE_SIGNAL_MS) return;
    lastAt = now;
    count += 1;
    if (count > 1) return group.kill('a second signal asked for it');
    log.say('Stopping; Ctrl-C again to stop at once.');
    group.stop();
  };
  const ignored: readonly NodeJS.Signals[] = keepIgnoringHangUp();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    if (!ignored.includes(signal)) process.on(signal, onSignal);
}

async function announce(
  log: MemberLog,
  { CONSOLE }: Settings,
  findUrl: () => string | undefined,
  over: AbortSignal,
): Promise<void> {
  const url = await healthyUrl(findUrl, AbortSignal.any([over, AbortSignal.timeout(READY_TIMEOUT_MS)]));
  if (url) {
    log.say(`
  Mahilo Registry is running.

  API          ${url}${CONSOLE ? `\n  Console      ${new URL('/console', url)}` : ''}
  Reference    ${new URL('/docs', url)}
  See it work  npm run demo
  Next steps   README.md
  Stop         Ctrl-C
`);
  } else if (!over.aborted) {
    log.say(`The API has not answered within ${READY_TIMEOUT_MS / 1000} s; its lines above may say why.`);
  }
}

process.chdir(ROOT);
process.exitCode = await start();
