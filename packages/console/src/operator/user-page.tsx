import './operator.css';
import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { api } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useMe } from '../queries.ts';
import { Asking, typed } from './asking.tsx';
import { type SignInLink, type UserDetails, useUser } from './queries.ts';
import { linkOf, ShownOnce } from './shown-once.tsx';
import { UserState } from './users-page.tsx';

/** One user: how much they have, and what can be done about them. */
export function UserPage() {
  const { id = '' } = useRoute().params;
  const user = useUser(id);
  return (
    <Page title={user.data?.username ?? 'User'}>
      <Loaded query={user}>
        {(data) => (
          <>
            <dl class="facts">
              <dt>State</dt>
              <dd>
                <UserState user={data} />
              </dd>
              {data.disabled_at !== undefined && (
                <>
                  <dt>Disabled</dt>
                  <dd>
                    <Time at={data.disabled_at} />
                  </dd>
                </>
              )}
              <dt>Shown to friends as</dt>
              <dd>
                <Text>{data.display_name ?? '–'}</Text>
              </dd>
              <dt>Registered</dt>
              <dd>
                <Time at={data.created_at} />
              </dd>
              <dt>Id</dt>
              <dd>
                <code>{data.user_id}</code>
              </dd>
            </dl>
            <Changes user={data} />
            <Bounds user={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface Once {
  title: string;
  what: string;
  text: string;
  sentence: string;
}

function Changes({ user }: { user: UserDetails }) {
  const me = useMe();
  const [once, setOnce] = useState<Once>();
  if (me.data?.user_id === user.user_id) {
    return <p class="fine">This is you: another operator has to change it, or the tools at the terminal.</p>;
  }
  const path = `/admin/users/${user.user_id}`;
  return (
    <div class="actions">
      {user.disabled_at === undefined ? (
        <>
          <Link user={user} path={path} show={setOnce} />
          <Disable user={user} path={path} />
        </>
      ) : (
        <Action
          kind="main"
          act={() => api('PATCH', path, { body: { disabled: false } })}
          done={() => `${user.username} is let in again.`}
          changes={['operator']}
        >
          Enable
        </Action>
      )}
      <ResetKey user={user} path={path} show={setOnce} />
      <Remove user={user} path={path} />
      {once !== undefined && (
        <ShownOnce title={once.title} what={once.what} text={once.text} close={() => setOnce(undefined)}>
          {once.sentence}
        </ShownOnce>
      )}
    </div>
  );
}

interface ChangeProps {
  user: UserDetails;
  path: string;
}

function Link({ user, path, show }: ChangeProps & { show: (once: Once) => void }) {
  return (
    <Asking
      word="Sign-in link"
      title="A link to sign in?"
      yes="Make the link"
      act={() => api<SignInLink>('POST', `${path}/sign-in-link`)}
      done={({ link_token }) => {
        show({
          title: `The link of ${user.username}`,
          what: 'the link',
          text: linkOf(link_token),
          sentence:
            'It signs them in, once and within 15 minutes, and is shown only now. Whoever has it can use it.',
        });
        return undefined;
      }}
    >
      <p>For somebody who cannot come in otherwise. A link that was made before is good no more.</p>
    </Asking>
  );
}

function Disable({ user, path }: ChangeProps) {
  return (
    <Asking
      word="Disable"
      kind="danger"
      title={
        <>
          Disable <Text>{user.username}</Text>?
        </>
      }
      yes="Disable"
      act={(fields) => api('PATCH', path, { body: { disabled: true, reason: typed(fields, 'reason') } })}
      done={() => `${user.username} is shut out.`}
    >
      <p>
        Their keys and sessions are refused at once, and nobody finds them. What waits for their agents stays
        where it is.
      </p>
      <label>
        Why? For the audit trail.
        <input name="reason" maxLength={200} autocomplete="off" />
      </label>
    </Asking>
  );
}

function ResetKey({ user, path, show }: ChangeProps & { show: (once: Once) => void }) {
  return (
    <Asking
      word="Reset key"
      kind="danger"
      title={
        <>
          A new API key for <Text>{user.username}</Text>?
        </>
      }
      yes="Reset"
      act={() => api<{ api_key: string }>('POST', `${path}/reset-key`)}
      done={({ api_key }) => {
        show({
          title: `The API key of ${user.username}`,
          what: 'the key',
          text: api_key,
          sentence: 'It is shown only now.',
        });
        return undefined;
      }}
    >
      <p>
        All keys that they have are dead at once, with every agent that uses one, and they are signed out
        everywhere.
      </p>
    </Asking>
  );
}

function Remove({ user, path }: ChangeProps) {
  const { route } = useLocation();
  return (
    <Asking
      word="Remove"
      kind="danger"
      title={
        <>
          Remove <Text>{user.username}</Text> for good?
        </>
      }
      yes="Remove"
      act={async (fields) => {
        if (typed(fields, 'name')?.toLowerCase() !== user.username) throw new Error('That is another name.');
        await api('DELETE', path);
        route('/console/operator/users');
      }}
      done={() => `${user.username} is removed.`}
    >
      <p>
        Their keys, agents, friendships and memberships go, and what is owed to them is cancelled. The name
        stays taken.
      </p>
      <label>
        Type {user.username} to go on
        <input name="name" required autocomplete="off" autocapitalize="none" spellcheck={false} />
      </label>
    </Asking>
  );
}

function Bounds({ user: { limits } }: { user: UserDetails }) {
  return (
    <section aria-labelledby="bounds">
      <h2 id="bounds">What they have</h2>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Bound</th>
            <th scope="col">Used</th>
            <th scope="col">Of at most</th>
            <th scope="col">Part</th>
          </tr>
        </thead>
        <tbody>
          {limits
            .toSorted((one, other) => other.used / other.limit - one.used / one.limit)
            .map(({ name, used, limit }) => (
              <tr key={name}>
                <th scope="row">{name.replaceAll('_', ' ')}</th>
                <td data-name="Used" class="number">
                  {used.toLocaleString('en')}
                </td>
                <td data-name="Of at most" class="number">
                  {limit.toLocaleString('en')}
                </td>
                <td data-name="Part">
                  <meter aria-label={name.replaceAll('_', ' ')} value={used} max={limit} high={0.8 * limit} />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
