import { useQuery, useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso/router';
import { ApiError, api, type GroupLinkShown } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Text } from '../parts/page.tsx';
import { TokenPage } from '../parts/token-page.tsx';
import { KEYS } from '../queries.ts';

/** Where a link to a group leads. */
export function GroupLinkPage() {
  return (
    <TokenPage title="Join a group" home="/console/groups" homeName="your groups">
      {(token) => <Join key={token} token={token} />}
    </TokenPage>
  );
}

function Join({ token }: { token: string }) {
  const queries = useQueryClient();
  const { route } = useLocation();
  const link = useQuery({
    queryKey: ['group-link', token],
    queryFn: () => api<GroupLinkShown>('POST', '/groups/links/read', { body: { token } }),
  });
  const join = useMutation({
    mutationFn: () =>
      api<{ group_id: string; name: string }>('POST', '/groups/links/join', { body: { token } }),
    onSuccess: ({ group_id, name }) => {
      announce(`You are in ${name}.`);
      for (const queryKey of [KEYS.groups, KEYS.members]) void queries.invalidateQueries({ queryKey });
      route(`/console/groups/${group_id}`, true);
    },
  });
  const isMember = join.error instanceof ApiError && join.error.code === 'ALREADY_MEMBER';
  return (
    <Loaded query={link}>
      {({ group_name, made_by }) => (
        <>
          <p class="lead">
            <Text>{made_by}</Text> invites you to the group <Text>{group_name}</Text>.
          </p>
          <p>
            Then messages to the group reach an agent of yours, and its members see your name. You can leave
            at any time.
          </p>
          {join.error && <Failure error={join.error} />}
          <div class="actions">
            <button
              type="button"
              class="main"
              disabled={join.isPending || isMember}
              onClick={() => join.mutate()}
            >
              Join
            </button>
            <a class="button" href="/console/groups">
              Not now
            </a>
          </div>
        </>
      )}
    </Loaded>
  );
}
