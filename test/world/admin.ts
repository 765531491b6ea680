import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Environment } from './process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ToolRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Standard output as JSON, for runs with `--json`. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  json: any;
}

/** Runs one of the operator's tools, as an operator would in the directory of the product. */
export async function runTool(
  toolArguments: readonly string[],
  environment: Environment,
  root: string = ROOT,
): Promise<ToolRun> {
  const child = spawn(process.execPath, ['scripts/admin.ts', ...toolArguments], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr, json: toolArguments.includes('--json') && stdout ? JSON.parse(stdout) : {} };
}
