import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api, type Registered } from '../api.ts';
import { CodeBlock } from '../parts/copy.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';

/** A token of an invitation, alone or in its link. */
const TOKEN = /mhi_[\w-]+/;

interface SignUpProps {
  /** Of the link with which somebody came; without one they may paste it. */
  token: string | undefined;
  registered: (account: Registered) => void;
}

/** Registers somebody. */
export function SignUp({ token, registered }: SignUpProps) {
  // Whose answer is lost asks again, and gets the key of the account that is made already.
  const retryToken = useRef(newToken());
  const register = useMutation({
    mutationFn: (body: object) => api<Registered>('POST', '/auth/register', { body }),
    onSuccess: registered,
    gcTime: 0,
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = (name: string) => String(form.get(name) ?? '').trim();
    const [invite_token = token] = TOKEN.exec(typed('invitation')) ?? [];
    const display_name = typed('display_name');
    register.mutate({
      username: typed('new-username'),
      retry_token: retryToken.current,
      ...(display_name !== '' && { display_name }),
      ...(invite_token !== undefined && { invite_token }),
    });
  };
  return (
    <form onSubmit={submit}>
      {token === undefined && (
        <label>
          Invitation
          <input name="invitation" autocomplete="off" spellcheck={false} placeholder="mhi_…" />
          <span class="fine">From the operator, unless this registry is open to everybody.</span>
        </label>
      )}
      <label>
        Choose a username
        <input
          name="new-username"
          required
          pattern="[A-Za-z0-9_\-]{3,30}"
          title="3–30 letters, digits, _ or -"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
        <span class="fine">3–30 letters, digits, _ or -. It stays as it is for good.</span>
      </label>
      <label>
        What your friends see (optional)
        <input name="display_name" maxLength={100} autocomplete="name" />
      </label>
      {register.error && <Failure error={register.error} />}
      <button type="submit" class="main" disabled={register.isPending}>
        Create the account
      </button>
    </form>
  );
}

/** 256 random bits, also where a page is not from https. */
function newToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** Shows somebody who has registered their API key, this once, and signs them in. */
export function Welcome({ account, signedIn }: { account: Registered; signedIn: () => void }) {
  const { route } = useLocation();
  const signIn = useMutation({
    mutationFn: () => api('POST', '/auth/sessions', { body: { api_key: account.api_key } }),
    gcTime: 0,
  });
  const { mutate } = signIn;
  // At once: whoever leaves this page before they have kept the key is not locked out.
  useEffect(() => mutate(), [mutate]);
  const goOn = () => {
    // Who came with a link of somebody's goes on with that: it is nowhere but in the address.
    if (!/^\/console\/(?:friends|groups)\/link$/.test(location.pathname)) route('/console/agents/new', true);
    signedIn();
  };
  return (
    <>
      <p>
        This is your API key. It signs you in at any browser until an agent of yours can, and it is shown{' '}
        <strong>only now</strong>: keep it as you keep a password.
      </p>
      <CodeBlock text={account.api_key} what="your API key" />
      {signIn.error && <Failure error={signIn.error} />}
      <button
        type="button"
        class="main"
        disabled={signIn.isPending}
        onClick={() => (signIn.isSuccess ? goOn() : mutate(undefined, { onSuccess: goOn }))}
      >
        I have kept it: go on
      </button>
    </>
  );
}
