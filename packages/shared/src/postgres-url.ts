/** Whether DATABASE_URL names a PostgreSQL server. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/** Several hosts can stand where a URL has one. As `URL` reads it, a password may have an @: the host is behind the last one. */
const PARTS =
  /^(?<start>postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?<hosts>[^@/?#]*)(?<path>[^?#]*)(?<options>.*)$/is;

/**
 * The URLs of the servers that a text names, one for each host, as libpq has it: `postgres://user@one:5432,two:5432/mahilo`.
 * Undefined when it is none, or names no database.
 */
export function serverUrlsOf(text: string): string[] | undefined {
  const { start, hosts, path = '', options } = PARTS.exec(text)?.groups ?? {};
  const urls = hosts?.split(',').map((host) => `${start}${host}${path}${options}`);
  return path.length > 1 && urls?.every((url) => URL.canParse(url)) ? urls : undefined;
}

/** Names a database for people: without the user, the password and options. */
export function nameOf(text: string): string {
  const { hosts, path } = PARTS.exec(text)?.groups ?? {};
  return `postgres://${hosts}${path}`;
}
