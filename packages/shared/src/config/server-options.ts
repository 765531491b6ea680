import { resolve } from 'node:path';
import { type Environment, processEnvironment } from './load.ts';
import type { Settings } from './settings.ts';

/** The settings of a process that say how it uses a server of PostgreSQL. */
export type ServerSettings = Pick<Settings, 'DATABASE_POOL' | 'DATABASE_PREPARE' | 'DATABASE_LISTEN_URL'>;

/** How a process with these settings uses a server of PostgreSQL; as openDatabase takes it. */
export function serverOptions(
  { DATABASE_POOL, DATABASE_PREPARE, DATABASE_LISTEN_URL }: ServerSettings,
  environment: Environment = processEnvironment(),
) {
  // systemd says where a unit may write (systemd.exec(5)); elsewhere it is beside the file that SQLite would have by default.
  const [place = 'data'] = environment['STATE_DIRECTORY']?.split(':') ?? [];
  return {
    readers: DATABASE_POOL,
    prepares: DATABASE_PREPARE,
    notes: resolve(place, 'postgres'),
    ...(DATABASE_LISTEN_URL !== undefined && { listenUrl: DATABASE_LISTEN_URL }),
  };
}
