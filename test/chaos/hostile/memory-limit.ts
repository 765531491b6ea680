import { readFileSync } from 'node:fs';
import type { ProductProcess } from '../../world/process.ts';

const EVERY_MS = 100;
const KIB = 1024;

/** Kills a process that takes more memory than it may, as the kernel does in a container, and remembers its largest size. */
export class MemoryLimit implements Disposable {
  readonly #timer: NodeJS.Timeout;
  /** The largest resident size seen (bytes). */
  largest = 0;

  constructor({ child }: ProductProcess, limit: number) {
    this.#timer = setInterval(() => {
      this.largest = Math.max(this.largest, residentBytes(child.pid));
      if (this.largest > limit) child.kill('SIGKILL');
    }, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * KIB;
  } catch {
    return 0; // It has ended.
  }
}
