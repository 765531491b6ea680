import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const LIMIT_MS = 280_000;

/** Runs the hostile profile briefly. @returns its report. */
function hostile(): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['test/chaos/main.ts', '--profile', 'hostile', '--brief'],
    { encoding: 'utf8', timeout: LIMIT_MS },
  );
  assert.match(stdout, /^ {2}[✔✘] every attack was made$/m, stderr);
  return stdout;
}

// Not asserted: how much longer honest people wait. Attackers, proxies and product share this machine's cores and
// disk, but real attackers have their own machines. `npm run chaos -- --profile hostile` judges that.
test('whatever hostile people do at once, no process dies and no honest request fails', () => {
  const report = hostile();
  for (const property of [
    'no process died',
    'no honest request failed',
    'honest people were measured',
    'every attack was made',
  ]) {
    assert.match(report, new RegExp(`^ {2}✔ ${property}$`, 'm'), report);
  }
});
