/** Names that seem to speak for the registry, for everybody or for nobody; without `_` and `-`. */
const RESERVED: ReadonlySet<string> = new Set([
  'abuse',
  'admin',
  'administrator',
  'all',
  'anonymous',
  'api',
  'everybody',
  'everyone',
  'help',
  'hostmaster',
  'mahilo',
  'me',
  'moderator',
  'myself',
  'nobody',
  'noreply',
  'null',
  'official',
  'operator',
  'postmaster',
  'registry',
  'root',
  'security',
  'self',
  'staff',
  'superuser',
  'support',
  'system',
  'undefined',
  'webmaster',
  'www',
]);

/** Whether only the operator's tool may assign this username (in lower case); `_` and `-` make no difference. */
export function isReservedUsername(username: string): boolean {
  return RESERVED.has(username.replaceAll(/[-_]/g, ''));
}
