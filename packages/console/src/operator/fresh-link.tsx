import { useRef } from 'preact/hooks';
import { api } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';

/** For what takes a recent sign-in: an operator signs in again with a new link, and goes on where they were. */
export function FreshLink({ title, signedIn }: { title: string; signedIn: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const signIn = useMutation({
    mutationFn: (link_token: string) => api('POST', '/auth/sessions', { body: { link_token } }),
    gcTime: 0,
    onSuccess: signedIn,
  });
  const go = () => {
    const pasted = field.current?.value.trim() ?? '';
    if (field.current !== null) field.current.value = '';
    signIn.mutate(pasted.slice(pasted.lastIndexOf('=') + 1));
  };
  return (
    <fieldset>
      <legend>{title}</legend>
      <p>
        Make a new link at the terminal: <code>npm run admin -- users operator-link YOU</code>
      </p>
      <label>
        The link
        <input ref={field} type="password" autocomplete="off" spellcheck={false} />
      </label>
      {signIn.error && <Failure error={signIn.error} />}
      <button type="button" disabled={signIn.isPending} onClick={go}>
        Sign in again, and go on
      </button>
    </fieldset>
  );
}
