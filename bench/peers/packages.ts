import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Not in our lockfile, since only this benchmark needs them. */
export const PEER_PACKAGES = {
  bullmq: '6.7.0',
  ioredis: '6.0.0',
  'graphile-worker': '0.18.0',
  'pg-boss': '12.38.0',
  '@opentelemetry/api': '1.10.0',
  pg: '8.23.1',
  plainjob: '0.0.14',
} as const;

const TIMEOUT_MS = 300_000;

/**
 * Installs the peers into their own folder below the directory.
 * @returns that folder.
 * @throws Error when npm cannot.
 */
export async function installPeers(directory: string): Promise<string> {
  const folder = join(directory, 'peers');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PEER_PACKAGES }));
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  // plainjob names an older better-sqlite3 as its peer; it runs on this workspace's.
  await promisify(execFile)('npm', ['install', '--legacy-peer-deps', ...quiet], {
    cwd: folder,
    timeout: TIMEOUT_MS,
  });
  return folder;
}
