// Starts a process of the product once while its image is built, so that Node's compile cache is filled: a container then
// starts without compiling, and with less memory. An image whose process does not start or stop as it should is not built.
// Usage: node deploy/image/warm-up.mjs packages/api/src/main.ts
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 60_000;
const IS_UP = /"msg":"(API is listening|Worker is delivering)/;

const directory = mkdtempSync(join(tmpdir(), 'warm-up-'));
const child = spawn(process.execPath, [process.argv[2]], {
  env: {
    ...process.env,
    PORT: '0',
    METRICS_PORT: '0',
    SECRET_KEY: randomBytes(32).toString('base64'),
    DATABASE_URL: join(directory, 'mahilo.db'),
  },
  stdio: ['ignore', 'pipe', 'inherit'],
  timeout: TIMEOUT_MS,
});
let output = '';
child.stdout.setEncoding('utf8').on('data', (text) => {
  output += text;
  if (IS_UP.test(output)) child.kill('SIGTERM');
});
child.on('close', (code) => {
  rmSync(directory, { recursive: true });
  if (code === 0 && IS_UP.test(output)) return;
  process.stderr.write(`It did not start and stop (exit code ${code}):\n${output}`);
  process.exitCode = 1;
});
