import { useId } from 'preact/hooks';
import type { Friend, Group } from '../api.ts';
import { useFriends, useGroups } from '../queries.ts';

const NAME = 'whom';
/** A username may look like the id of a group; where one is typed, it is a group. */
const GROUP_ID = /^grp_[0-9a-z]{26}$/;

/** Somebody, or a group by its id, to write to. */
interface Whom {
  type: 'user' | 'group';
  name: string;
}

/** Chooses a friend or a group. Who has too many for a list types a name, or the id of a group. */
export function Whom({ label }: { label: string }) {
  const [friends, groups] = [useFriends().data, useGroups('active').data];
  const isLong = friends?.next !== undefined || groups?.next !== undefined;
  const shown = { friends: friends?.items ?? [], groups: groups?.items ?? [] };
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label>
      {label}
      {isLong ? <Typed {...shown} /> : <Listed {...shown} />}
    </label>
  );
}

interface Shown {
  friends: readonly Friend[];
  groups: readonly Group[];
}

function Typed({ friends, groups }: Shown) {
  const listId = useId();
  return (
    <>
      <input
        name={NAME}
        required
        list={listId}
        placeholder="a username, or the id of a group"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
      <datalist id={listId}>
        {friends.map(({ id, username }) => (
          <option key={id} value={username} />
        ))}
        {groups.map(({ group_id, name }) => (
          <option key={group_id} value={group_id}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  );
}

function Listed({ friends, groups }: Shown) {
  return (
    <select name={NAME} required>
      {friends.length + groups.length === 0 && <option value="">You have no friends yet</option>}
      {friends.length > 0 && (
        <optgroup label="Friends">
          {friends.map(({ id, username }) => (
            <option key={id} value={`user:${username}`}>
              {username}
            </option>
          ))}
        </optgroup>
      )}
      {groups.length > 0 && (
        <optgroup label="Groups">
          {groups.map(({ group_id, name }) => (
            <option key={group_id} value={`group:${group_id}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

/** Who was chosen there. */
export function whomIn(form: FormData): Whom {
  const chosen = String(form.get(NAME)).trim();
  const [, type = GROUP_ID.test(chosen) ? 'group' : 'user', name = ''] =
    /^(?:(user|group):)?(.*)$/.exec(chosen) ?? [];
  return { type: type === 'group' ? 'group' : 'user', name };
}
