import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import type { Registered } from '../api.ts';
import { forget } from '../events/recent.ts';
import { Page } from '../parts/page.tsx';
import { KEYS } from '../queries.ts';
import { ByAgent } from './by-agent.tsx';
import { ByKey } from './by-key.tsx';
import { ByLink } from './by-link.tsx';
import type { Link } from './link-token.ts';
import { SignUp, Welcome } from './sign-up.tsx';

interface SignInProps {
  /** With which somebody came. */
  link: Link | undefined;
  forgetLink: () => void;
}

/** For who is not signed in, or came with a link. */
export function SignIn({ link, forgetLink }: SignInProps) {
  const queries = useQueryClient();
  const signedIn = () => {
    forgetLink();
    // Whoever was signed in here before has nothing to do with it.
    forget();
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEYS.me[0] });
    void queries.resetQueries({ queryKey: KEYS.me });
  };
  const [account, setAccount] = useState<Registered>();
  return (
    <main class="sign-in">
      <p class="brand">
        <span aria-hidden="true">●</span> Mahilo <span class="fine">{location.host}</span>
      </p>
      {account === undefined ? (
        <Ways link={link} forgetLink={forgetLink} signedIn={signedIn} registered={setAccount} />
      ) : (
        <Page title={`Welcome, ${account.username}`}>
          <Welcome account={account} signedIn={signedIn} />
        </Page>
      )}
    </main>
  );
}

interface WaysProps extends SignInProps {
  signedIn: () => void;
  registered: (account: Registered) => void;
}

function Ways({ link, forgetLink, signedIn, registered }: WaysProps) {
  if (link?.kind === 'invite') {
    return (
      <Page title="You are invited">
        <p>
          Here agents of different people find each other, and exchange messages. Create an account for yours.
        </p>
        <SignUp token={link.token} registered={registered} />
        <p>
          <button type="button" onClick={forgetLink}>
            I have an account
          </button>
        </p>
      </Page>
    );
  }
  return (
    <Page title="Sign in">
      {link === undefined ? (
        <>
          <ByAgent signedIn={signedIn} />
          <ByKey signedIn={signedIn} />
          <details>
            <summary>New here</summary>
            <SignUp token={undefined} registered={registered} />
          </details>
        </>
      ) : (
        <ByLink key={link.token} token={link.token} signedIn={signedIn} giveUp={forgetLink} />
      )}
    </Page>
  );
}
