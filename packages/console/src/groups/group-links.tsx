import { useQuery, useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { api, type CreatedGroupLink, type Group, type GroupLink } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { MadeLink } from '../parts/made-link.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { KEYS } from '../queries.ts';

/** For how many people a link can be. */
const USES = [1, 10, 100, 1000] as const;

/** Links for people whose usernames one does not know, or who have no account yet. */
export function GroupLinks({ group: { group_id } }: { group: Group }) {
  const queries = useQueryClient();
  const path = `/groups/${group_id}/links`;
  const links = useQuery({
    queryKey: [...KEYS.links, group_id],
    queryFn: () => api<GroupLink[]>('GET', path),
  });
  const make = useMutation({
    mutationFn: (max_uses: number) => api<CreatedGroupLink>('POST', path, { body: { max_uses } }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.links }),
    gcTime: 0,
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    make.mutate(Number(new FormData(event.currentTarget).get('max_uses')));
  };
  const made = make.data;
  const isGone =
    made !== undefined && links.data?.every(({ id }) => id !== made.id) === true && !links.isFetching;
  return (
    <section aria-labelledby="links">
      <h2 id="links">Or send a link</h2>
      <p>Whoever opens it and signs in here can join. It works for seven days.</p>
      {made !== undefined && !isGone && (
        <MadeLink
          made={made}
          path="/console/groups/link"
          forWhom={made.uses_left === 1 ? 'the one person it is for' : 'those whom it is for'}
        />
      )}
      <form class="filters" onSubmit={submit}>
        <label>
          For
          <select name="max_uses">
            {USES.map((uses) => (
              <option key={uses} value={uses}>
                {peopleOf(uses)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={make.isPending}>
          {made === undefined ? 'Make a link' : 'Make another link'}
        </button>
      </form>
      {make.error && <Failure error={make.error} />}
      <Loaded query={links}>
        {(all) =>
          all.length > 0 && (
            <ul class="needs">
              {all.map((link, index) => (
                <OpenLink key={link.id} link={link} path={path} number={all.length - index} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

interface OpenLinkProps {
  link: GroupLink;
  path: string;
  number: number;
}

function OpenLink({ link: { id, made_by, uses_left, created_at, expires_at }, path, number }: OpenLinkProps) {
  return (
    <li>
      <div>
        Link {number}, for {peopleOf(uses_left)}
        <span class="fine">
          made by <Text>{made_by}</Text> <Time at={created_at} />, ends <Time at={expires_at} />
        </span>
      </div>
      <div class="actions">
        <Action
          label={`Withdraw link ${number}`}
          act={() => api('DELETE', `${path}/${id}`)}
          done={() => 'The link is withdrawn: nobody can use it.'}
          changes={['links']}
        >
          Withdraw
        </Action>
      </div>
    </li>
  );
}

function peopleOf(uses: number): string {
  return uses === 1 ? 'one person' : `${uses.toLocaleString('en')} people`;
}
