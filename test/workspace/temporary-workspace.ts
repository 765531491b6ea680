import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A directory that holds the scripts of this workspace, and else what a test puts there. */
export class TemporaryWorkspace implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'mahilo-workspace-'));

  constructor() {
    cpSync(join(ROOT, 'scripts'), this.path('scripts'), { recursive: true });
    this.write('package.json', JSON.stringify({ type: 'module', packageManager: 'pnpm@1.2.3' }));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content, { mode });
  }

  /** What the file holds; empty if there is none. */
  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : '';
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
