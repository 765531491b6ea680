import './operator.css';
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { Asking, typed } from './asking.tsx';
import { type CreatedUser, type User, useUsers } from './queries.ts';
import { linkOf, ShownOnce } from './shown-once.tsx';

/** Who there is. */
export function UsersPage() {
  const { query, filter } = useFilters();
  const { q, cursor, disabled } = query;
  const users = useUsers({ q, cursor, disabled });
  const search = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    filter({ q: typed(fields, 'q'), disabled: typed(fields, 'disabled') });
  };
  return (
    <Page title="Users">
      <search>
        <form class="find" onSubmit={search}>
          <label>
            Name begins with
            <input
              type="search"
              name="q"
              defaultValue={q ?? ''}
              maxLength={30}
              autocapitalize="none"
              spellcheck={false}
            />
          </label>
          <label class="check">
            <input type="checkbox" name="disabled" value="true" defaultChecked={disabled === 'true'} /> Only
            disabled
          </label>
          <button type="submit">Search</button>
        </form>
      </search>
      <div class="actions">
        <NewUser />
      </div>
      <Loaded query={users}>
        {({ items, next }) => (
          <>
            {items.length === 0 && <p>Nobody is called that.</p>}
            {items.length > 0 && <Table users={items} />}
            <Pager next={next} words={['First names', 'Further names']} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Table({ users }: { users: readonly User[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">State</th>
          <th scope="col">Agents</th>
          <th scope="col">Registered</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.user_id}>
            <th scope="row">
              {user.deleted_at === undefined ? (
                <a href={`/console/operator/users/${user.user_id}`}>{user.username}</a>
              ) : (
                user.username
              )}
              {user.display_name !== undefined && (
                <span class="fine">
                  <Text>{user.display_name}</Text>
                </span>
              )}
            </th>
            <td data-name="State">
              <UserState user={user} />
            </td>
            <td data-name="Agents" class="number">
              {user.agents}
            </td>
            <td data-name="Registered">
              <Time at={user.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether a user can come in. */
export function UserState({
  user: { disabled_at, deleted_at, operator_since },
}: {
  user: Pick<User, 'disabled_at' | 'deleted_at' | 'operator_since'>;
}) {
  const isOut = disabled_at !== undefined || deleted_at !== undefined;
  const word = deleted_at !== undefined ? 'deleted' : isOut ? 'disabled' : 'active';
  return (
    <>
      <span class={`state ${isOut ? 'suspended' : 'well'}`}>
        <span aria-hidden="true">{isOut ? '■' : '●'}</span> {word}
      </span>
      {operator_since !== undefined && <span class="fine"> operator</span>}
    </>
  );
}

function NewUser() {
  const [made, setMade] = useState<CreatedUser>();
  return (
    <>
      <Asking
        word="New user"
        title="A new user"
        yes="Register"
        act={(fields) =>
          api<CreatedUser>('POST', '/admin/users', {
            body: { username: typed(fields, 'username'), display_name: typed(fields, 'display_name') },
          })
        }
        done={(user) => {
          setMade(user);
          return undefined;
        }}
      >
        <label>
          Username
          <input
            name="username"
            required
            maxLength={30}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
          />
        </label>
        <label>
          Shown to friends as
          <input name="display_name" maxLength={100} autocomplete="off" />
        </label>
      </Asking>
      {made !== undefined && (
        <ShownOnce
          title={
            <>
              The link of <Text>{made.username}</Text>
            </>
          }
          what="the link"
          text={linkOf(made.link_token)}
          close={() => setMade(undefined)}
        >
          It signs them in, once and within 15 minutes, and is shown only now. There they make their own API
          keys.
        </ShownOnce>
      )}
    </>
  );
}
