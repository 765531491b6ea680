import { useQueryClient } from '@tanstack/preact-query';
import { api, type CreatedFriendLink, type FriendLink } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Failure } from '../parts/failure.tsx';
import { MadeLink } from '../parts/made-link.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Time } from '../parts/time.tsx';
import { KEYS } from '../queries.ts';
import { useFriendLinks } from './queries.ts';

/** Links for people whose username one does not know, or who have no account yet. */
export function FriendLinks() {
  const queries = useQueryClient();
  const links = useFriendLinks();
  const make = useMutation({
    mutationFn: () => api<CreatedFriendLink>('POST', '/friends/links'),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.links }),
  });
  const made = make.data;
  const isUsed =
    made !== undefined && links.data?.every(({ id }) => id !== made.id) === true && !links.isFetching;
  return (
    <section aria-labelledby="links">
      <h2 id="links">Or send a link</h2>
      <p>Whoever opens it and signs in here becomes your friend. It works once, for seven days.</p>
      {made !== undefined && !isUsed && (
        <MadeLink made={made} path="/console/friends/link" forWhom="the one person it is for" />
      )}
      {make.error && <Failure error={make.error} />}
      <button type="button" disabled={make.isPending} onClick={() => make.mutate()}>
        {made === undefined ? 'Make a link' : 'Make another link'}
      </button>
      {links.error && <Failure error={links.error} retry={() => void links.refetch()} />}
      {links.data !== undefined && links.data.length > 0 && (
        <ul class="needs">
          {links.data.map((link, index) => (
            <OpenLink key={link.id} link={link} number={links.data.length - index} />
          ))}
        </ul>
      )}
    </section>
  );
}

function OpenLink({ link: { id, created_at, expires_at }, number }: { link: FriendLink; number: number }) {
  return (
    <li>
      <div>
        Link {number}, which nobody has used
        <span class="fine">
          made <Time at={created_at} />, ends <Time at={expires_at} />
        </span>
      </div>
      <div class="actions">
        <Action
          label={`Withdraw link ${number}`}
          act={() => api('DELETE', `/friends/links/${id}`)}
          done={() => 'The link is withdrawn: nobody can use it.'}
          changes={['links']}
        >
          Withdraw
        </Action>
      </div>
    </li>
  );
}
