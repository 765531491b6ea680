import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { api, type Group } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { KEYS } from '../queries.ts';
import { GroupFields, groupIn } from './group-fields.tsx';

/** What a group is for, and who can join; its name stays. */
export function ChangeGroup({ group }: { group: Group }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (body: object) => api<Group>('PATCH', `/groups/${group.group_id}`, { body }),
    onSuccess: () => {
      announce('It is changed.');
      return queries.invalidateQueries({ queryKey: KEYS.groups });
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(groupIn(new FormData(event.currentTarget)));
  };
  return (
    <details>
      <summary>Change what it is for, and who can join</summary>
      <form class="narrow" onSubmit={submit}>
        <GroupFields group={group} />
        {change.error && <Failure error={change.error} />}
        <button type="submit" class="main" disabled={change.isPending}>
          Change it
        </button>
      </form>
    </details>
  );
}
