import type { ComponentChildren } from 'preact';
import { Page } from './page.tsx';
import { useTokenHere } from './token-here.ts';

interface TokenPageProps {
  title: string;
  /** Where to go without a token, and what that is called. */
  home: string;
  homeName: string;
  children: (token: string) => ComponentChildren;
}

/** Where a link with a token leads. */
export function TokenPage({ title, home, homeName, children }: TokenPageProps) {
  const token = useTokenHere();
  return (
    <Page title={title}>
      {token === undefined ? (
        <p>
          This link is not whole. Ask whoever sent it for the whole line. <a href={home}>To {homeName}</a>
        </p>
      ) : (
        children(token)
      )}
    </Page>
  );
}
