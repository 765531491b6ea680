import { isPostgresUrl, serverUrlsOf } from '../postgres-url.ts';

/** A word and a colon, as URLs begin; one letter is the drive of a Windows path. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(.*)$/is;

/**
 * The path of a database file, the URL of a database on a server, or why a text is neither. The text itself may hold a
 * password, and is never repeated.
 */
export type DatabasePlace = { place: string; mistake?: undefined } | { place?: undefined; mistake: string };

/**
 * Reads DATABASE_URL: a path, or one as a URL of the scheme `sqlite` or `file` (RFC 8089): `sqlite:data/mahilo.db`,
 * `sqlite:///var/lib/mahilo.db`; or a URL of the scheme `postgres` or `postgresql`. What can be read in two ways is refused.
 */
export function databasePlaceOf(text: string): DatabasePlace {
  const [, scheme, rest = ''] = SCHEME.exec(text) ?? [];
  if (text === ':memory:' || rest === ':memory:') {
    return wrong('names a database in memory, which processes cannot share and which is gone at the end');
  }
  if (scheme === undefined) return { place: text };
  if (isPostgresUrl(text)) return serverPlaceOf(text, 'DATABASE_URL');
  if (!/^(sqlite|file)$/i.test(scheme)) {
    return wrong(
      `begins with ${scheme}:, which this version cannot use (a relative path with a colon begins with ./)`,
    );
  }
  if (/[?#]/.test(rest)) return wrong('has options behind the path, which are not read');
  const path = /^\/\/([^/]|$)/.test(rest) ? undefined : decoded(rest.replace(/^\/\/(?=\/)/, ''));
  if (path === undefined || path === '') {
    return wrong(
      `must be a path, ${scheme}:path or ${scheme}:///absolute/path; two slashes would begin a host's name`,
    );
  }
  return { place: path };
}

/** The URL of a database on a server, or why the text of a setting is none. */
export function serverPlaceOf(text: string, setting: string): DatabasePlace {
  if (isPostgresUrl(text) && serverUrlsOf(text) !== undefined) return { place: text };
  return {
    mistake: `${setting} is no URL of a PostgreSQL database: write postgres://user:password@host:5432/database, with \`%40\` for an @ in the password, \`%2F\` for a / and so on.`,
  };
}

function wrong(what: string): DatabasePlace {
  return {
    mistake: `DATABASE_URL ${what}; give the path of a SQLite file, or postgres://user:password@host:5432/database.`,
  };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
