import { useQueryClient } from '@tanstack/preact-query';
import { Page } from '../parts/page.tsx';
import { KEYS } from '../queries.ts';
import { ByAgent } from './by-agent.tsx';
import { ByKey } from './by-key.tsx';
import { ByLink } from './by-link.tsx';

interface SignInProps {
  /** Of the link with which somebody came. */
  linkToken: string | undefined;
  forgetLink: () => void;
}

/** For who is not signed in, or came with a link. */
export function SignIn({ linkToken, forgetLink }: SignInProps) {
  const queries = useQueryClient();
  const signedIn = () => {
    forgetLink();
    void queries.resetQueries({ queryKey: KEYS.me });
  };
  return (
    <main class="sign-in">
      <p class="brand">
        <span aria-hidden="true">●</span> Mahilo <span class="fine">{location.host}</span>
      </p>
      <Page title="Sign in">
        {linkToken === undefined ? (
          <>
            <ByAgent signedIn={signedIn} />
            <ByKey signedIn={signedIn} />
          </>
        ) : (
          <ByLink token={linkToken} signedIn={signedIn} giveUp={forgetLink} />
        )}
      </Page>
    </main>
  );
}
