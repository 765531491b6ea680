import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { settingsSchema } from '@mahilo/shared/config/settings';
import { notifyFileOf } from '@mahilo/shared/db/sqlite/commit-notifier';
import { isReadOnly, READ_ONLY_ADVICE } from '@mahilo/shared/db/unusable-place';
import { bytes } from '../format.ts';
import { type Check, type Finding, findingsOf, type Patient } from './finding.ts';

const files = findingsOf('files');
const disk = findingsOf('disk');

/** With less, the next burst or upgrade may fill the disk. */
const LITTLE_ROOM_BYTES = 200_000_000;
const WAL_LIMIT_BYTES = 128_000_000;
const READ_BY_OTHERS = 0o004;
const ENTERED_BY_OTHERS = 0o001;
const WRITTEN_BY_OTHERS = 0o022;

/** statfs(2) magic numbers of file systems on which SQLite's locks or shared memory do not work. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x5346414f, 'AFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);
const MEMORY: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);
const OVERLAY = 0x794c7630;
const FUSE = 0x65735546;

/** The place of the database: whether it can be used, its owner, its file system, and its free space. */
export const examineFiles: Check = (patient) => {
  const directory = dirname(patient.database);
  if (!existsSync(directory)) {
    return [
      files.problem(
        `The directory ${directory} does not exist.`,
        'The API makes it with its first start, if it may. Is DATABASE_URL right?',
      ),
    ];
  }
  return [
    ...permissions(patient.database),
    ...fileSystem(directory, patient),
    ...room(directory, patient),
    ...wal(patient.database),
  ];
};

function permissions(database: string): Finding[] {
  const directory = dirname(database);
  const user = process.getuid?.() ?? 0;
  const findings: Finding[] = [];
  if (isReadOnly(directory)) {
    return [files.problem(`The file system of ${directory} is read-only.`, READ_ONLY_ADVICE)];
  }
  const present = [directory, database, `${database}-wal`, `${database}-shm`, notifyFileOf(database)].filter(
    (path) => existsSync(path),
  );
  for (const path of present) {
    if (!mayWrite(path)) {
      findings.push(
        files.problem(
          `User ${user} may not write to ${path}.`,
          `chown it to the user that the processes run as (here and now: ${user}).`,
        ),
      );
    }
  }
  const owner = existsSync(database) ? statSync(database).uid : undefined;
  for (const path of present.slice(2)) {
    if (statSync(path).uid !== owner) {
      findings.push(
        files.problem(
          `${path} belongs to user ${statSync(path).uid}, and the database to user ${owner}.`,
          `Something was run as another user. Stop the processes and chown it to ${owner}.`,
        ),
      );
    }
  }
  findings.push(...openToOthers(directory, database));
  if (user === 0 && owner !== undefined && owner !== 0) {
    findings.push(
      files.note(
        `This runs as root, who may everything; the database belongs to user ${owner}.`,
        `Run the doctor as user ${owner} to see whether that one may use it.`,
      ),
    );
  }
  return findings.length > 0 ? findings : [files.ok(`${database} can be written by user ${user}.`)];
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function openToOthers(directory: string, database: string): Finding[] {
  const modeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((modeOf(database) & WRITTEN_BY_OTHERS) !== 0 && (modeOf(directory) & ENTERED_BY_OTHERS) !== 0) {
    return [files.problem(`Others than its owner may write to ${database}.`, `chmod 640 ${database}`)];
  }
  if ((modeOf(database) & READ_BY_OTHERS) !== 0 && (modeOf(directory) & ENTERED_BY_OTHERS) !== 0) {
    return [
      files.problem(
        `Everybody on this host may read ${database}, with all messages.`,
        `chmod 750 ${directory}`,
      ),
    ];
  }
  return [];
}

function fileSystem(directory: string, { isProduction }: Patient): Finding[] {
  const { type } = statfsSync(directory);
  const network = NETWORK.get(type);
  if (network !== undefined) {
    return [
      files.problem(
        `${directory} is on a network file system (${network}), which corrupts databases that several processes use.`,
        'Move the database to a local disk.',
      ),
    ];
  }
  const memory = MEMORY.get(type);
  const fleeting = memory ?? (type === OVERLAY ? "a container's own file system (overlay)" : undefined);
  if (fleeting !== undefined) {
    const finding = `${directory} is on ${fleeting}: it is gone with ${memory === undefined ? 'the container' : 'the next restart of the host'}.`;
    const advice = 'Mount a volume, or a directory of a disk, where the database is.';
    return [isProduction ? files.problem(finding, advice) : files.note(finding, advice)];
  }
  if (type === FUSE) {
    return [
      files.note(
        `${directory} is on a FUSE file system.`,
        'Some of them are network file systems, which corrupt the database. Make sure that this one is a local disk.',
      ),
    ];
  }
  return [];
}

function room(directory: string, { database, settings }: Patient): Finding[] {
  const reserve = settings?.MIN_FREE_DISK ?? settingsSchema.properties.MIN_FREE_DISK.default;
  const { bavail, bsize, ffree, files: inodes } = statfsSync(directory);
  const free = bavail * bsize;
  const used = statSync(database, { throwIfNoEntry: false })?.size ?? 0;
  if (inodes > 0 && ffree === 0) {
    return [
      disk.problem('The file system has no inode left.', 'Delete files: there are too many, however small.'),
    ];
  }
  if (free < reserve) {
    return [
      disk.problem(
        `Only ${bytes(free)} are free, less than MIN_FREE_DISK (${bytes(reserve)}): the processes are not ready, and soon nothing is accepted.`,
        'Make room. A lower RETENTION_DAYS keeps the database from growing; what it frees is used again, but the file stays as large as it is.',
      ),
    ];
  }
  if (free < LITTLE_ROOM_BYTES) {
    return [
      disk.note(
        `Only ${bytes(free)} are free.`,
        'The next burst, or the next upgrade, may find a full disk.',
      ),
    ];
  }
  if (free < used) {
    return [
      disk.note(
        `${bytes(free)} are free, less than the database takes (${bytes(used)}).`,
        'A backup on the same disk has no room.',
      ),
    ];
  }
  return [disk.ok(`${bytes(free)} are free; the database takes ${bytes(used)}.`)];
}

function wal(database: string): Finding[] {
  const size = statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size < WAL_LIMIT_BYTES) return [];
  return [
    disk.problem(
      `The WAL takes ${bytes(size)}.`,
      'A worker writes it back every second unless something reads the database all the time: a backup, a sqlite3 shell, Litestream. `lsof` on the file names it. Is a worker running?',
    ),
  ];
}
