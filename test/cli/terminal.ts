import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from 'mahilo/src/run.ts';
import { compileCache, ROOT } from '../world/compile-cache.ts';
import { eventually } from '../world/eventually.ts';
import { runAsOwnProcess } from '../world/own-process.ts';

export const MAHILO = join(ROOT, 'packages/cli/src/main.ts');

export interface Ran {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A running command. */
export class Running {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
  }

  /** Resolves when it has printed this. */
  async prints(text: string): Promise<void> {
    await eventually(() => this.stdout.includes(text));
  }

  async ended(): Promise<Ran> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return { exitCode: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** The computer of one person, with a home of its own. */
export class Terminal implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'mahilo-cli-'));

  get loginFile(): string {
    return join(this.home, 'mahilo/login.json');
  }

  get environment(): Record<string, string> {
    const { PATH = '' } = process.env;
    return { PATH, HOME: this.home, XDG_CONFIG_HOME: this.home, ...compileCache() };
  }

  /** Starts a command as a process. */
  start(words: readonly string[], environment: Record<string, string> = {}, stdin = ''): Running {
    const env = { ...this.environment, ...environment };
    const running = new Running(spawn(process.execPath, [MAHILO, ...words], { env, stdio: 'pipe' }));
    running.child.stdin?.on('error', () => undefined).end(stdin);
    return running;
  }

  /** Runs a command inside the test. One that waits for another command needs {@link start}. */
  async run(words: readonly string[], environment?: Record<string, string>, stdin?: string): Promise<Ran> {
    const { code, ...output } = await runAsOwnProcess({
      argv: [MAHILO, ...words],
      environment: { ...this.environment, ...environment },
      ...(stdin !== undefined && { stdin }),
      main: runCommand,
    });
    return { exitCode: code, ...output };
  }

  /** The same as {@link run}, as a process of its own. */
  runProcess(words: readonly string[], environment?: Record<string, string>, stdin?: string): Promise<Ran> {
    return this.start(words, environment, stdin).ended();
  }

  /** Runs a command that must succeed. @returns what it prints on stdout. */
  async ok(words: readonly string[], environment?: Record<string, string>, stdin?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(words, environment, stdin);
    if (exitCode !== 0) throw new Error(`mahilo ${words.join(' ')} ends with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** The data that a command prints. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the data hold
  async json(words: readonly string[], environment?: Record<string, string>, stdin?: string): Promise<any[]> {
    const lines = (await this.ok([...words, '--json'], environment, stdin)).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
