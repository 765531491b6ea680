import { readFileSync, readlinkSync } from 'node:fs';
import { processEnvironment } from '../config/load.ts';

/** SIGHUP's bit in the masks of /proc/<pid>/status (proc_pid_status(5)). */
const HANG_UP = 1n;

/**
 * Whether this process was started to outlive its terminal, in which case it ignores SIGHUP. Node forgets at its
 * start that a signal was ignored (`ResetSignalHandlers` in its node.cc), so this looks for other traces: the name of
 * the program that a shell started, the file that nohup(1) writes to, or a shell above that ignores the signal (`trap
 * '' HUP`).
 * @returns the signals that `close-with-grace` should leave alone.
 */
export function keepIgnoringHangUp(): 'SIGHUP'[] {
  if (!isUnderNohup() && !parentIgnoresHangUp()) return [];
  process.on('SIGHUP', () => undefined);
  return ['SIGHUP'];
}

function isUnderNohup(): boolean {
  return /(^|\/)nohup$/.test(processEnvironment()['_'] ?? '') || /\/nohup\.out$/.test(outputFile());
}

function outputFile(): string {
  try {
    return readlinkSync('/proc/self/fd/1');
  } catch {
    return '';
  }
}

function parentIgnoresHangUp(): boolean {
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'utf8');
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
    return ignored !== undefined && (BigInt(`0x${ignored}`) & HANG_UP) !== 0n;
  } catch {
    return false;
  }
}
