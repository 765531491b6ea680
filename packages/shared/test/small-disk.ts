import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { TestDirectory } from './directory.ts';

/** A small file system in memory. Mounting one takes root and Linux. */
export class SmallDisk implements Disposable {
  readonly #directory = new TestDirectory();

  private constructor(kilobytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', this.#directory.path], {
      stdio: 'ignore',
    });
  }

  /** Undefined where this machine lets us mount none. */
  static mount(kilobytes: number): SmallDisk | undefined {
    try {
      return new SmallDisk(kilobytes);
    } catch {
      return undefined;
    }
  }

  file(name: string): string {
    return this.#directory.file(name);
  }

  /** Fills all room that is left, even while somebody else writes. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.#directory.path);
    try {
      writeFileSync(this.file('filler'), Buffer.alloc(bavail * bsize));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  /** Gives the room back. */
  free(): void {
    rmSync(this.file('filler'));
  }

  [Symbol.dispose](): void {
    execFileSync('umount', [this.#directory.path]);
    this.#directory[Symbol.dispose]();
  }
}
