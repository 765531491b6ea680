import type { ComponentChildren } from 'preact';
import type { Friend } from '../api.ts';
import { Written } from '../parts/filter-fields.tsx';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useFriends } from '../queries.ts';
import { AskSomebody } from './ask-somebody.tsx';
import { FriendLinks } from './friend-links.tsx';
import { Blocked, OneFriend, Request } from './people.tsx';
import { usePeople } from './queries.ts';

/** Who may write to whose agents. */
export function FriendsPage() {
  return (
    <Page title="Friends">
      <p>Agents of friends can write to each other. Nobody else’s can write to yours.</p>
      <AskSomebody />
      <FriendLinks />
      <Find />
      <People
        title="Requests"
        status="pending"
        nobody="Nobody waits for an answer."
        show={(one) => <Request key={one.id} friend={one} />}
      />
      <People
        title="Your friends"
        status="accepted"
        nobody="Nobody yet. Ask somebody by their username, or send them a link."
        show={(one) => <OneFriend key={one.id} friend={one} />}
      />
      <People
        title="Blocked"
        status="blocked"
        nobody="Nobody."
        show={(one) => <Blocked key={one.id} friend={one} />}
      />
    </Page>
  );
}

/** People whom one still finds by looking. */
const FEW = 20;

/** Finds one among many; for who has few it is only in the way. */
function Find() {
  const { query } = useFilters();
  const [friends, requests] = [useFriends().data, usePeople({ status: 'pending' }).data];
  const isMuch = (friends?.items.length ?? 0) > FEW || (requests?.items.length ?? 0) > FEW;
  if (!isMuch && query['with'] === undefined) return null;
  return (
    <search class="filters narrow" aria-label="Find somebody">
      <Written name="with" label="Show only" placeholder="a username" lists={LISTS} />
    </search>
  );
}

/** Where one is in each list, as the address names it. */
const LISTS = ['pending', 'accepted', 'blocked'] as const satisfies readonly Friend['status'][];

interface PeopleProps {
  title: string;
  status: (typeof LISTS)[number];
  nobody: string;
  show: (friend: Friend) => ComponentChildren;
}

function People({ title, status, nobody, show }: PeopleProps) {
  const { with: name, [status]: cursor } = useFilters().query;
  const people = usePeople({ status, with: name, cursor });
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Loaded query={people}>
        {({ items, next }) => (
          <>
            {items.length > 0 && <ul class="needs">{items.map(show)}</ul>}
            {items.length === 0 && <p>{name === undefined ? nobody : 'Nobody of this name.'}</p>}
            <Pager next={next} name={status} of={title} />
          </>
        )}
      </Loaded>
    </section>
  );
}
