const LINK = /^#link=([\w-]+)$/;

/** What stands behind the `#` of a link of the operator’s. It leaves the address bar, and with it the history, at once. */
export function takeLinkToken(): string | undefined {
  const [, token] = LINK.exec(location.hash) ?? [];
  if (token !== undefined) history.replaceState(null, '', location.pathname);
  return token;
}
