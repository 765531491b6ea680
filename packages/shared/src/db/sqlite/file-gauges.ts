import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '../../clock.ts';
import { freeBytesAt } from './free-bytes.ts';
import { lastBackupAt } from './last-backup.ts';
import { walBytes } from './wal-bytes.ts';

/** `stat` and `statfs` open no file, so SQLite's locks stay (sqlite.org/howtocorrupt.html §2.2). */
export function fileGauges(file: string) {
  return [
    {
      name: 'mahilo_database_size_bytes',
      help: 'Size of the database file.',
      read: async () => (await stat(file)).size,
    },
    {
      name: 'mahilo_wal_size_bytes',
      help: 'Size of the write-ahead log beside it.',
      read: () => walBytes(file),
    },
    {
      name: 'mahilo_disk_free_bytes',
      help: 'Room that is left where the database is.',
      read: () => freeBytesAt(file),
    },
    {
      name: 'mahilo_backup_age_seconds',
      help: 'How old the newest good backup is; without any, how old the database is.',
      read: async () => {
        const at = (await lastBackupAt(file)) ?? (await stat(file)).birthtimeMs;
        return Math.max(0, systemClock.now() - at) / 1000;
      },
    },
    {
      name: 'mahilo_disk_size_bytes',
      help: 'Size of the file system where the database is.',
      read: async () => {
        const { blocks, bsize } = await statfs(dirname(file));
        return blocks * bsize;
      },
    },
  ];
}
