import type { TargetedSubmitEvent } from 'preact';
import { useLocation } from 'preact-iso/router';
import { addressOf } from '../parts/filters.ts';
import { useFriends, useGroups } from '../queries.ts';

const GROUP = 'group:';

/** Chooses whom to write to. */
export function NewMessage() {
  const { route } = useLocation();
  const friends = useFriends().data ?? [];
  const groups = (useGroups().data ?? []).filter(({ status }) => status === 'active');
  if (friends.length + groups.length === 0) return null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const whom = String(new FormData(event.currentTarget).get('whom'));
    const chosen = whom.startsWith(GROUP)
      ? { with: whom.slice(GROUP.length), with_type: 'group' }
      : { with: whom };
    route(addressOf('/console/conversations', chosen));
  };
  return (
    <form class="filters" onSubmit={submit}>
      <label>
        Write to
        <select name="whom">
          {friends.map(({ username }) => (
            <option key={username} value={username}>
              {username}
            </option>
          ))}
          {groups.map(({ group_id, name }) => (
            <option key={group_id} value={`${GROUP}${group_id}`}>
              {name} (group)
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Write</button>
    </form>
  );
}
