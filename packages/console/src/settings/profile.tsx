import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { api, type Profile } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { KEYS } from '../queries.ts';

/** What friends are shown, and may be changed. */
export function DisplayName({ me }: { me: Profile }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (display_name: string) => api<Profile>('PATCH', '/auth/me', { body: { display_name } }),
    onSuccess: () => {
      announce('Your friends see it from now on.');
      return queries.invalidateQueries({ queryKey: KEYS.me });
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(String(new FormData(event.currentTarget).get('display_name')).trim());
  };
  return (
    <form class="filters" onSubmit={submit}>
      <label>
        Shown to friends as
        <input name="display_name" maxLength={100} defaultValue={me.display_name ?? ''} autocomplete="off" />
      </label>
      <button type="submit" disabled={change.isPending}>
        Change
      </button>
      {change.error && <Failure error={change.error} />}
    </form>
  );
}
