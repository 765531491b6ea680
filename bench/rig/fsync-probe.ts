/**
 * Does what a commit waits for: appends one page to a file and syncs it. Arguments: directory, how often.
 * Prints the times (ms) as JSON.
 */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const [directory = '.', syncs = '100'] = process.argv.slice(2);
const page = Buffer.alloc(4096, 1);
const file = join(directory, `fsync-probe-${process.pid}`);
const descriptor = openSync(file, 'w');
const times: number[] = [];
for (let n = 0; n < Number(syncs); n++) {
  writeSync(descriptor, page);
  const begin = performance.now();
  fdatasyncSync(descriptor);
  times.push(performance.now() - begin);
}
closeSync(descriptor);
rmSync(file);
process.stdout.write(JSON.stringify(times));
