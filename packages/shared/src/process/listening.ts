import { errorText, SetupError } from '../errors.ts';

/** Where a process should listen, and the settings that say so. */
export interface Place {
  host: string;
  port: number;
  hostSetting: 'HOST' | 'METRICS_HOST';
  portSetting: 'PORT' | 'METRICS_PORT';
}

/**
 * An error of `listen` as a sentence that names the setting to change. A cause that may pass by itself is no
 * SetupError.
 */
export function whyNotListening(cause: unknown, place: Place): Error {
  const { host, port, hostSetting, portSetting } = place;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new Error(
      `${portSetting} ${port} is taken: another process listens on it (${host}). Stop that one, or give another ${portSetting}.`,
      { cause },
    );
  }
  if (code === 'EACCES') {
    return new SetupError(
      `${portSetting} ${port} may not be used by this user: give one from 1024 on, and let a reverse proxy listen on the lower one.`,
      { cause },
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new SetupError(`${hostSetting} "${host}" is no address of this machine.`, { cause });
  }
  return new Error(
    `It cannot listen on ${hostSetting} ${host}, ${portSetting} ${port}: ${errorText(cause)}.`,
    {
      cause,
    },
  );
}
