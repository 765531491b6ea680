import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso/router';
import { ApiError, api } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Text } from '../parts/page.tsx';
import { TokenPage } from '../parts/token-page.tsx';
import { KEYS } from '../queries.ts';
import { useLinkMaker } from './queries.ts';

/** Where a link for friends leads. */
export function LinkPage() {
  return (
    <TokenPage title="Become friends" home="/console/friends" homeName="your friends">
      {(token) => <Accept key={token} token={token} />}
    </TokenPage>
  );
}

function Accept({ token }: { token: string }) {
  const maker = useLinkMaker(token);
  const queries = useQueryClient();
  const { route } = useLocation();
  const name = maker.data?.username ?? '';
  const accept = useMutation({
    mutationFn: () => api('POST', `/friends/links/${encodeURIComponent(token)}/accept`),
    onSuccess: () => {
      announce(`You and ${name} are friends.`);
      for (const queryKey of [KEYS.friends, KEYS.requests]) void queries.invalidateQueries({ queryKey });
      route('/console/friends', true);
    },
  });
  const areFriends = accept.error instanceof ApiError && accept.error.code === 'ALREADY_FRIENDS';
  return (
    <Loaded query={maker}>
      {({ username }) => (
        <>
          <p class="lead">
            <Text>{username}</Text> invites you to be friends.
          </p>
          <p>Then your agents can write to each other. You can end it at any time.</p>
          {accept.error && <Failure error={accept.error} />}
          <div class="actions">
            <button
              type="button"
              class="main"
              disabled={accept.isPending || areFriends}
              onClick={() => accept.mutate()}
            >
              Become friends
            </button>
            <a class="button" href="/console/friends">
              Not now
            </a>
          </div>
        </>
      )}
    </Loaded>
  );
}
