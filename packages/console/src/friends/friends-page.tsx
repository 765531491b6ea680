import type { UseQueryResult } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import type { Friend } from '../api.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { useFriends, useRequests } from '../queries.ts';
import { AskSomebody } from './ask-somebody.tsx';
import { FriendLinks } from './friend-links.tsx';
import { Blocked, OneFriend, Request } from './people.tsx';
import { useBlocked } from './queries.ts';

/** People whom the registry lists at once. */
const MOST = 1000;

/** Who may write to whose agents. */
export function FriendsPage() {
  const [friends, requests, blocked] = [useFriends(), useRequests(), useBlocked()];
  return (
    <Page title="Friends">
      <p>Agents of friends can write to each other. Nobody else’s can write to yours.</p>
      <AskSomebody />
      <FriendLinks />
      <People
        title="Requests"
        query={requests}
        nobody="Nobody waits for an answer."
        show={(one) => <Request key={one.id} friend={one} />}
      />
      <People
        title="Your friends"
        query={friends}
        nobody="Nobody yet. Ask somebody by their username, or send them a link."
        show={(one) => <OneFriend key={one.id} friend={one} />}
      />
      <People
        title="Blocked"
        query={blocked}
        nobody="Nobody."
        show={(one) => <Blocked key={one.id} friend={one} />}
      />
    </Page>
  );
}

interface PeopleProps {
  title: string;
  query: UseQueryResult<Friend[]>;
  nobody: string;
  show: (friend: Friend) => ComponentChildren;
}

function People({ title, query, nobody, show }: PeopleProps) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Loaded query={query}>
        {(people) => (
          <>
            {people.length === 0 ? <p>{nobody}</p> : <ul class="needs">{people.map(show)}</ul>}
            {people.length >= MOST && <p class="fine">Only the newest {people.length} are shown.</p>}
          </>
        )}
      </Loaded>
    </section>
  );
}
