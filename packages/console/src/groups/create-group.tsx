import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { useLocation } from 'preact-iso/router';
import { api, type Group } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { KEYS } from '../queries.ts';
import { GroupFields, groupIn } from './group-fields.tsx';

/** Makes a group, and goes there. */
export function CreateGroup() {
  const queries = useQueryClient();
  const { route } = useLocation();
  const create = useMutation({
    mutationFn: (body: object) => api<Group>('POST', '/groups', { body }),
    onSuccess: ({ group_id, name }) => {
      announce(`${name} is yours. Invite somebody.`);
      void queries.invalidateQueries({ queryKey: KEYS.groups });
      route(`/console/groups/${group_id}`);
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { description, ...chosen } = groupIn(form);
    create.mutate({
      name: String(form.get('name')).trim(),
      ...(description !== '' && { description }),
      ...chosen,
    });
  };
  return (
    <section aria-labelledby="create">
      <h2 id="create">Make a group</h2>
      <form class="narrow" onSubmit={submit}>
        <label>
          Name
          <input
            name="name"
            required
            maxLength={100}
            pattern="[A-Za-z0-9_\-]+"
            title="Letters, digits, _ and -"
            placeholder="book-club"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
          />
          <span class="fine">Letters, digits, _ and -. It cannot be changed later.</span>
        </label>
        <GroupFields />
        {create.error && <Failure error={create.error} />}
        <button type="submit" class="main" disabled={create.isPending}>
          Make the group
        </button>
      </form>
    </section>
  );
}
