/**
 * The URL of a registry in one form: without `/api/v1` and slashes at its end.
 * @throws TypeError when it is none of HTTP, or has what would be lost.
 */
export function registryUrl(given: string | URL): string {
  const url = URL.canParse(`${given}`) ? new URL(given) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol))
    throw new TypeError('The URL of the registry must begin with https:// or http://.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new TypeError('The URL of the registry has no user, query or fragment.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}`;
}
