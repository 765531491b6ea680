import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../documents/markdown.ts';
import { compileCache } from '../world/compile-cache.ts';
import { eventually } from '../world/eventually.ts';

/** Longest duration (ms) of a story; the promise is 20 s on a machine that has nothing else to do. */
const STORY_MS = 120_000;

/** A running demo with a directory for its temporary files. */
export class Demo implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'mahilo-demo-test-'));
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(programArguments: readonly string[] = [], environment: Record<string, string> = {}) {
    this.child = spawn(process.execPath, ['scripts/demo.ts', ...programArguments], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], TMPDIR: this.directory, ...compileCache(), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  /** Resolves with the first match in its output. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => pattern.exec(this.stdout) ?? undefined, STORY_MS);
  }

  /** The ids of the registry's processes, as it printed them. */
  pids(): number[] {
    return [...this.stdout.matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid));
  }

  assertNothingIsLeft(): void {
    assert.deepEqual(readdirSync(this.directory), []);
    assert.ok(this.pids().length >= 2);
    for (const pid of this.pids()) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
