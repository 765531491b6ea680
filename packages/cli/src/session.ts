import { Mahilo, registryUrl } from '@mahilo/client';
import { notLoggedIn, usageError } from './exit.ts';
import { readLogin } from './login-file.ts';

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
  const from = isLogins && key === login.key ? login.connectionId : undefined;
  return { mahilo: new Mahilo({ url, key, retries }), url, key, from };
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
