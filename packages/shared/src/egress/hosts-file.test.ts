import assert from 'node:assert/strict';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDirectory } from '../../test/directory.ts';
import { hostsFile } from './hosts-file.ts';

test('hostsFile reads every address of a name, ignores what is none, and notices changes', () => {
  using directory = new TestDirectory();
  const path = directory.file('hosts');
  const addressesOf = hostsFile(path);
  assert.deepEqual(addressesOf('agent'), []);

  writeFileSync(
    path,
    '# agent 1.1.1.1\n10.0.0.5\tagent Agent.Internal # 9.9.9.9 agent\nfd00::5 agent\n0x7f.1 agent\n\n',
  );
  utimesSync(path, 1000, 1000);
  assert.deepEqual(addressesOf('AGENT'), ['10.0.0.5', 'fd00::5']);
  assert.deepEqual(addressesOf('agent.internal'), ['10.0.0.5']);

  writeFileSync(path, '10.0.0.6 agent\n');
  utimesSync(path, 2000, 2000);
  assert.deepEqual(addressesOf('agent'), ['10.0.0.6']);
  rmSync(path);
  assert.deepEqual(addressesOf('agent'), []);
});
