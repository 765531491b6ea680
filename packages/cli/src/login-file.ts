import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CommandError, EXIT } from './exit.ts';

/** At which registry the user of this computer is who. */
export interface Login {
  url: string;
  key: string;
  username: string;
  /** Of the mailbox; there is none where the key is for another agent. */
  connectionId?: string | undefined;
}

/** Where the login is kept (XDG Base Directory Specification). */
export function loginFile(): string {
  const given = process.env['XDG_CONFIG_HOME'] ?? '';
  // The specification: a path that is not absolute is to be ignored.
  const base = isAbsolute(given) ? given : join(homedir(), '.config');
  return join(base, 'mahilo', 'login.json');
}

/** Where the keys of a person at a registry are kept. They outlive the login. */
export function keyFile({ url, username }: Pick<Login, 'url' | 'username'>): string {
  const { host, pathname } = new URL(url);
  const place = encodeURIComponent(`${host}${pathname.replace(/\/+$/, '')}`);
  return join(loginFile(), '../keys', `${encodeURIComponent(username)}@${place}.json`);
}

/** @throws CommandError when there is a file and it holds no login. */
export function readLogin(): Login | undefined {
  const file = loginFile();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CommandError(EXIT.notLoggedIn, `The login cannot be read: ${messageOf(error)}`);
  }
  const login = parsed(text);
  if (login === undefined)
    throw new CommandError(EXIT.notLoggedIn, `${file} holds no login. \`mahilo login\` writes it anew.`);
  return login;
}

function parsed(text: string): Login | undefined {
  try {
    const { url, key, username, connectionId } = JSON.parse(text);
    const isLogin = [url, key, username].every((field) => typeof field === 'string');
    if (!isLogin) return undefined;
    return { url, key, username, ...(typeof connectionId === 'string' && { connectionId }) };
  } catch {
    return undefined;
  }
}

/** A place for a login that is known to be writable, before there is a key that could get lost. */
export class LoginPlace implements Disposable {
  readonly #file = loginFile();
  readonly #draft = `${this.#file}.${process.pid}`;

  /** @throws CommandError */
  constructor() {
    const directory = join(this.#file, '..');
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      chmodSync(directory, 0o700);
      rmSync(this.#draft, { force: true });
      writeFileSync(this.#draft, '', { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw new CommandError(EXIT.refused, `The login cannot be kept: ${messageOf(error)}`);
    }
  }

  /** Takes the place of the login before, at once or not at all. */
  keep(login: Login): void {
    writeFileSync(this.#draft, `${JSON.stringify(login, undefined, 2)}\n`);
    renameSync(this.#draft, this.#file);
  }

  [Symbol.dispose](): void {
    rmSync(this.#draft, { force: true });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
