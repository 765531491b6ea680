import type { TargetedSubmitEvent } from 'preact';
import { useLocation } from 'preact-iso/router';
import { addressOf } from '../parts/filters.ts';
import { Whom, whomIn } from '../parts/whom.tsx';
import { useFriends, useGroups } from '../queries.ts';

/** Chooses whom to write to. */
export function NewMessage() {
  const { route } = useLocation();
  const [friends, groups] = [useFriends().data?.items ?? [], useGroups('active').data?.items ?? []];
  if (friends.length + groups.length === 0) return null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { name, type } = whomIn(new FormData(event.currentTarget));
    const chosen = { with: name, with_type: type === 'group' ? type : undefined };
    route(addressOf('/console/conversations', chosen));
  };
  return (
    <form class="filters" onSubmit={submit}>
      <Whom label="Write to" />
      <button type="submit">Write</button>
    </form>
  );
}
