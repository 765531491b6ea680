import { type QueryClient, useQueryClient } from '@tanstack/preact-query';
import { api, type Profile, type Session } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { announce } from '../parts/announcements.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useMe, useSessions } from '../queries.ts';
import { tellSignedOut } from '../sign-in/other-tabs.ts';
import { ApiKeys } from './keys.tsx';
import { LimitsInForce } from './limits.tsx';
import { DisplayName } from './profile.tsx';
import { TakeData } from './take-data.tsx';

const WAYS: Readonly<Record<Session['way'], string>> = {
  api_key: 'with an API key',
  agent: 'by the approval of an agent',
  link: 'with a link of the operator’s',
};

/** Who one is, where one is signed in, one’s keys and limits. */
export function Settings() {
  const me = useMe();
  const sessions = useSessions();
  const others = sessions.data?.filter(({ current }) => !current) ?? [];
  return (
    <Page title="Settings">
      <section aria-labelledby="account">
        <h2 id="account">You</h2>
        <dl class="facts">
          <dt>Username</dt>
          <dd>{me.data?.username}</dd>
          <dt>Id</dt>
          <dd>
            <code>{me.data?.user_id}</code>
          </dd>
        </dl>
        {me.data !== undefined && <DisplayName me={me.data} />}
        <SignOut />
      </section>
      <section aria-labelledby="browsers">
        <h2 id="browsers">Where you are signed in</h2>
        {sessions.error && <Failure error={sessions.error} retry={() => void sessions.refetch()} />}
        <ul class="needs">
          {sessions.data?.map((session) => (
            <Browser key={session.id} session={session} />
          ))}
        </ul>
        {others.length > 0 && (
          <Action
            act={() => api('DELETE', '/auth/sessions/others')}
            done={() => 'You are signed out everywhere else.'}
            changes={['sessions']}
          >
            Sign out everywhere else
          </Action>
        )}
      </section>
      <ApiKeys />
      <LimitsInForce />
      <TakeData />
      {me.data !== undefined && <DeleteAccount me={me.data} />}
    </Page>
  );
}

/** Nothing of this person stays in the page; asking who is signed in shows the sign-in. */
function leave(queries: QueryClient): void {
  queries.clear();
  tellSignedOut();
  location.assign('/console');
}

function DeleteAccount({ me: { username } }: { me: Profile }) {
  const queries = useQueryClient();
  return (
    <section aria-labelledby="delete-account">
      <h2 id="delete-account">Delete the account</h2>
      <p>For good: nobody is ever given its name again, you neither.</p>
      <Confirm
        word="Delete the account"
        title={
          <>
            Delete <Text>{username}</Text> for good?
          </>
        }
        typed={username}
        yes="Delete it"
        no="Keep it"
        act={() => api('DELETE', '/auth/me').then(() => leave(queries))}
        done={() => 'Your account is deleted.'}
        changes={[]}
      >
        Your keys, agents, friendships, memberships and policies go, and what is owed to your agents is
        cancelled. Groups of yours go to an admin, else to a member. What you have written stays with those
        who have it.
      </Confirm>
    </section>
  );
}

function Browser({ session }: { session: Session }) {
  const { id, browser, way, created_at, last_used_at, current } = session;
  return (
    <li>
      <div>
        {browser}
        {current && <strong> – this one</strong>}
        <span class="fine">
          Signed in <Time at={created_at} /> {WAYS[way]}; last used <Time at={last_used_at} />
        </span>
      </div>
      {!current && (
        <div class="actions">
          <Action
            label={`Sign out ${browser}`}
            act={() => api('DELETE', `/auth/sessions/${id}`)}
            done={() => `${browser} is signed out.`}
            changes={['sessions']}
          >
            Sign out
          </Action>
        </div>
      )}
    </li>
  );
}

function SignOut() {
  const queries = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => api('DELETE', '/auth/sessions/current'),
    onSuccess: () => leave(queries),
    onError: (error) => announce(error.message),
  });
  return (
    <button type="button" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
      Sign out
    </button>
  );
}
