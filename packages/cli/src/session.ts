import { existsSync } from 'node:fs';
import { Mahilo, MahiloError, registryUrl } from '@mahilo/client';
import { notLoggedIn, usageError } from './exit.ts';
import { keyFile, readLogin } from './login-file.ts';
import { MAILBOX } from './mailbox.ts';

const KEY = /^mhl_[0-9A-Za-z]+_[0-9A-Za-z]+$/;
/** A person waits: less patience than the client's. */
export const RETRIES = 2;

/** Who uses which registry. */
export interface Session {
  mahilo: Mahilo;
  url: string;
  key: string;
  /** The agent that sends, so that answers come to where this command reads them. */
  from: string | undefined;
  /** Whether what it sends can be encrypted. */
  hasKeys: boolean;
}

/**
 * By `MAHILO_URL` and `MAHILO_KEY`, else by the login. A login's key goes to no other registry.
 * @throws CommandError
 */
export function openSession({ retries = RETRIES }: { retries?: number } = {}): Session {
  const [givenUrl, givenKey] = [process.env['MAHILO_URL'], process.env['MAHILO_KEY']];
  const login = givenUrl && givenKey ? undefined : readLogin();
  const url = givenUrl ? validUrl(givenUrl) : login?.url;
  if (url === undefined)
    throw notLoggedIn(
      'You are not logged in. `mahilo login URL` takes your key, `mahilo register NAME` makes one.',
    );
  const isLogins = login !== undefined && url === login.url;
  const key = givenKey ? validKey(givenKey) : isLogins ? login.key : undefined;
  if (key === undefined)
    throw notLoggedIn(`You are not logged in at ${url}. \`mahilo login ${url}\` takes your key.`);
  const own = isLogins && key === login.key ? login : undefined;
  const from = own?.connectionId;
  // Keys outlive a login that did not come to its end: without them it would write in the open.
  const keys =
    own !== undefined && (from !== undefined || existsSync(keyFile(own))) ? keyFile(own) : undefined;
  return { mahilo: new Mahilo({ url, key, retries, keys }), url, key, from, hasKeys: keys !== undefined };
}

/** A session whose mailbox has keys: a login from before there were any gets them now. @throws CommandError */
export async function openKeyedSession(): Promise<Session> {
  const session = openSession();
  const login = session.hasKeys ? readLogin() : undefined;
  if (login === undefined || existsSync(keyFile(login))) return session;
  try {
    await session.mahilo.connect(MAILBOX);
  } catch (error) {
    // What the registry refuses, it refuses the command, too.
    if (!(error instanceof MahiloError)) throw error;
  }
  return session;
}

/** The registry's URL in one form, without `/api/v1`. @throws CommandError */
export function validUrl(given: string): string {
  try {
    return registryUrl(given);
  } catch (error) {
    throw error instanceof TypeError ? usageError(error.message) : error;
  }
}

/** @throws CommandError: what is no key must get into no request, and into no error. */
export function validKey(given: string): string {
  const key = given.trim();
  if (!KEY.test(key)) throw usageError('This is no API key: it begins with mhl_.');
  return key;
}
