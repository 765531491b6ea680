import { api } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';

/** By a link of the operator’s. It takes a click: what looks at links in messages must not use them up. */
export function ByLink({
  token,
  signedIn,
  giveUp,
}: {
  token: string;
  signedIn: () => void;
  giveUp: () => void;
}) {
  const signIn = useMutation({
    mutationFn: () => api('POST', '/auth/sessions', { body: { link_token: token } }),
    onSuccess: signedIn,
  });
  return (
    <>
      <p>This link signs you in on this device, once.</p>
      {signIn.error && <Failure error={signIn.error} />}
      <div class="actions">
        <button type="button" class="main" disabled={signIn.isPending} onClick={() => signIn.mutate()}>
          Sign in with this link
        </button>
        <button type="button" onClick={giveUp}>
          Another way
        </button>
      </div>
    </>
  );
}
