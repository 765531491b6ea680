/** What a link leads to: a sign-in, or a registration. */
export interface Link {
  kind: 'link' | 'invite';
  token: string;
}

const LINK = /^#(link|invite)=([\w-]+)$/;

/** What stands behind the `#` of a link of the operator’s. It leaves the address bar, and with it the history, at once. */
export function takeLink(): Link | undefined {
  const [, kind, token] = LINK.exec(location.hash) ?? [];
  if (token === undefined) return undefined;
  history.replaceState(null, '', location.pathname);
  return { kind: kind === 'invite' ? 'invite' : 'link', token };
}
