const cell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread for so long (ms): for the end of a process, when nothing else may happen any more. */
export function block(ms: number): void {
  Atomics.wait(cell, 0, 0, ms);
}
