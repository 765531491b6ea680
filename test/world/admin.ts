import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { format } from 'node:util';
import { runTool } from '@mahilo/operator/tools';
import { compileCache, ROOT } from './compile-cache.ts';
import type { Environment } from './process.ts';

export interface ToolRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Standard output as JSON, for runs with `--json`. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  json: any;
}

/** Runs one of the operator's tools, as an operator would in the directory of the product. */
export async function runToolProcess(
  toolArguments: readonly string[],
  environment: Environment,
  root: string = ROOT,
): Promise<ToolRun> {
  const child = spawn(process.execPath, ['scripts/admin.ts', ...toolArguments], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...compileCache(root), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return toolRun(toolArguments, { code, stdout, stderr });
}

let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs one of the operator's tools in this process, which takes a hundredth of the time: with the arguments, the
 * environment and the output that it would have as a process. One at a time, since a process has only one of each.
 */
export function runToolHere(toolArguments: readonly string[], environment: Environment): Promise<ToolRun> {
  const run = lastRun.then(() => runWithOwnProcess(toolArguments, environment));
  lastRun = run.catch(() => undefined);
  return run;
}

async function runWithOwnProcess(
  toolArguments: readonly string[],
  environment: Environment,
): Promise<ToolRun> {
  const run = { code: 0, stdout: '', stderr: '' };
  let hasEnded = false;
  const writer =
    (stream: 'stdout' | 'stderr') =>
    (message: unknown, ...more: unknown[]) => {
      if (!hasEnded) run[stream] += `${format(message, ...more)}\n`;
    };
  const { env, argv, exit } = process;
  const { log, error } = console;
  process.env = { PATH: env['PATH'], ...environment };
  process.argv = [process.execPath, 'scripts/admin.ts', ...toolArguments];
  process.exit = (code = 0) => {
    if (!hasEnded) run.code = Number(code);
    hasEnded = true;
    throw new Error('The tool has ended.');
  };
  console.log = writer('stdout');
  console.error = writer('stderr');
  try {
    const code = await runTool(toolArguments);
    if (!hasEnded) run.code = code;
  } finally {
    Object.assign(process, { env, argv, exit });
    Object.assign(console, { log, error });
  }
  return toolRun(toolArguments, run);
}

function toolRun(toolArguments: readonly string[], run: Omit<ToolRun, 'json'>): ToolRun {
  return { ...run, json: toolArguments.includes('--json') && run.stdout ? JSON.parse(run.stdout) : {} };
}
