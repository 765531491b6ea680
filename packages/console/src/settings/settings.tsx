import { useMutation, useQueryClient } from '@tanstack/preact-query';
import { api, type Session } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useMe, useSessions } from '../queries.ts';

const WAYS: Readonly<Record<Session['way'], string>> = {
  api_key: 'with an API key',
  agent: 'by the approval of an agent',
  link: 'with a link of the operator’s',
};

/** Who one is, and where one is signed in. */
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
          <dt>Shown to friends as</dt>
          <dd>
            <Text>{me.data?.display_name ?? '–'}</Text>
          </dd>
          <dt>Id</dt>
          <dd>
            <code>{me.data?.user_id}</code>
          </dd>
        </dl>
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
    </Page>
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
    onSuccess: () => {
      // Nothing of this person stays in the page; asking who is signed in shows the sign-in.
      queries.clear();
      location.assign('/console');
    },
    onError: (error) => announce(error.message),
  });
  return (
    <button type="button" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
      Sign out
    </button>
  );
}
