// Starts the product once while its image is built, so that Node's compile cache is filled: a container then
// starts without compiling, and with less memory. An image that does not start or stop as it should is not built.
// Usage: node deploy/image/warm-up.mjs scripts/start.ts
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 60_000;
const SIGNS = ['"msg":"API is listening', '"msg":"Worker is delivering'];

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
let isStopping = false;
const isUp = () => SIGNS.every((sign) => output.includes(sign));
child.stdout.setEncoding('utf8').on('data', (text) => {
  output += text;
  // Only once: a second signal asks it to end without its work.
  if (isUp() && !isStopping) isStopping = child.kill('SIGTERM');
});
child.on('close', (code) => {
  rmSync(directory, { recursive: true });
  if (code === 0 && isUp()) return;
  process.stderr.write(`It did not start and stop (exit code ${code}):\n${output}`);
  process.exitCode = 1;
});
