import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { runTool } from '@mahilo/operator/tools';
import { compileCache, ROOT } from './compile-cache.ts';
import { runAsOwnProcess } from './own-process.ts';
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

/** Runs one of the operator's tools in this process, or another `tool`, with the output that it would have in one of its own. */
export async function runToolHere(
  toolArguments: readonly string[],
  environment: Environment,
  tool: typeof runTool = runTool,
): Promise<ToolRun> {
  const run = await runAsOwnProcess({
    argv: ['scripts/admin.ts', ...toolArguments],
    environment: { PATH: process.env['PATH'] ?? '', ...environment },
    main: () => tool(toolArguments),
  });
  return toolRun(toolArguments, run);
}

function toolRun(toolArguments: readonly string[], run: Omit<ToolRun, 'json'>): ToolRun {
  return { ...run, json: toolArguments.includes('--json') && run.stdout ? JSON.parse(run.stdout) : {} };
}
