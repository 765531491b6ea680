/** A word and a colon, as URLs begin; one letter is the drive of a Windows path. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(.*)$/is;

/** The path of a database file, or why a text is none. The text itself may hold a password, and is never repeated. */
export type DatabasePath = { path: string; mistake?: undefined } | { path?: undefined; mistake: string };

/**
 * Reads DATABASE_URL: a path, or one as a URL of the scheme `sqlite` or `file` (RFC 8089): `sqlite:data/mahilo.db`,
 * `sqlite:///var/lib/mahilo.db`. What can be read in two ways is refused.
 */
export function databasePathOf(text: string): DatabasePath {
  const [, scheme, rest = ''] = SCHEME.exec(text) ?? [];
  if (text === ':memory:' || rest === ':memory:') {
    return wrong('names a database in memory, which processes cannot share and which is gone at the end');
  }
  if (scheme === undefined) return { path: text };
  if (/^postgres(ql)?$/i.test(scheme)) {
    return wrong('names a PostgreSQL server, which this version cannot use yet');
  }
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
  return { path };
}

function wrong(what: string): DatabasePath {
  return { mistake: `DATABASE_URL ${what}; give the path of a SQLite file.` };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
