import type { TargetedSubmitEvent } from 'preact';
import { api } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';

/** By an API key, which is sent once and kept nowhere. */
export function ByKey({ signedIn }: { signedIn: () => void }) {
  const signIn = useMutation({
    mutationFn: (api_key: string) => api('POST', '/auth/sessions', { body: { api_key } }),
    // The key is no longer needed, nor to be remembered with what was asked.
    gcTime: 0,
    onSuccess: signedIn,
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const key = String(new FormData(form).get('api_key')).trim();
    form.reset();
    signIn.mutate(key);
  };
  return (
    <details>
      <summary>With an API key</summary>
      <form onSubmit={submit}>
        <label>
          API key
          <input
            type="password"
            name="api_key"
            required
            autocomplete="off"
            spellcheck={false}
            placeholder="mhl_…"
          />
        </label>
        {signIn.error && <Failure error={signIn.error} />}
        <button type="submit" disabled={signIn.isPending}>
          Sign in
        </button>
      </form>
    </details>
  );
}
