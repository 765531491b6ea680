import { symlinkSync } from 'node:fs';
import { RunningScript } from '../workspace/running-script.ts';
import { ROOT, TemporaryWorkspace } from '../workspace/temporary-workspace.ts';

/**
 * Stands in for a process of the product: notes in a file what happens to it. It ends on SIGTERM as soon as the file
 * `may-end` is there.
 */
const FAKE_MAIN = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const name = import.meta.filename.includes('/api/') ? 'api' : 'worker';
const note = (text: string) => appendFileSync('noted-' + name, text + '\\n');
const log = (msg: string, more = {}) =>
  console.log(JSON.stringify({ level: 30, time: new Date().toISOString(), name, ...more, msg }));

if (process.env['FAKE_EXIT_OF'] === name) process.exit(Number(process.env['FAKE_EXIT_CODE']));
process.on('SIGINT', () => note('SIGINT'));
process.on('SIGTERM', () => {
  note('SIGTERM');
  setInterval(() => {
    if (!existsSync('may-end')) return;
    note('ended');
    process.exit();
  }, 5);
});
writeFileSync('pid-' + name, String(process.pid));
const write = (lines: number) => {
  for (let n = 0; n < lines; n += 1) log('x'.repeat(4000));
  note('has written');
};
process.on('SIGUSR2', () => write(1));
note('started with ' + process.env['SECRET_KEY'] + ' ' + process.env['METRICS_PORT']);
if (name === 'api') {
  const server = createServer((_request, response) => response.end('{"status":"ok"}'));
  server.listen(0, '127.0.0.1', () => {
    const url = 'http://127.0.0.1:' + (server.address() as { port: number }).port;
    log('API is listening on ' + url, { url });
    if (process.env['FAKE_LINES']) write(Number(process.env['FAKE_LINES']));
  });
} else {
  log('Worker is delivering', { lanes: 2 });
  console.error('a remark on standard error');
  setInterval(() => undefined, 1000);
}
`;

export const READY = 'Mahilo Registry is running.';
export const SECRET_KEY = 'a-secret-key-for-tests-that-is-long-enough';

export function fakeProduct(): TemporaryWorkspace {
  const workspace = new TemporaryWorkspace();
  symlinkSync(`${ROOT}/node_modules`, workspace.path('node_modules'));
  workspace.write('packages/api/src/main.ts', FAKE_MAIN);
  workspace.write('packages/worker/src/main.ts', FAKE_MAIN);
  return workspace;
}

export function start(
  workspace: TemporaryWorkspace,
  environment: NodeJS.ProcessEnv = {},
  ...options: string[]
): RunningScript {
  return new RunningScript(workspace.path('scripts/start.ts'), options, environment);
}

/** Has the API write a line to its log. */
export function writeALine(workspace: TemporaryWorkspace): void {
  process.kill(Number(workspace.read('pid-api')), 'SIGUSR2');
}

export function letEnd(workspace: TemporaryWorkspace): void {
  workspace.write('may-end', '');
}
