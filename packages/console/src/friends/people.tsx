import type { ComponentChildren } from 'preact';
import { api, type Friend } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { AnswerRequest } from './answer-request.tsx';
import { FriendDetails } from './friend-details.tsx';

interface PersonProps {
  friend: Friend;
  /** What the time is that stands there. */
  since: string;
  actions: ComponentChildren;
  children?: ComponentChildren;
}

function Person({ friend, since, actions, children }: PersonProps) {
  const { display_name, username } = friend;
  return (
    <li>
      <div>
        <Text>{display_name ?? username}</Text>
        <span class="fine">
          {display_name !== undefined && <>{username} · </>}
          {since} <Time at={friend.since} />
        </span>
        {children}
      </div>
      <div class="actions">{actions}</div>
    </li>
  );
}

/** Somebody who asks, or was asked. */
export function Request({ friend }: { friend: Friend }) {
  const { id, username, direction } = friend;
  if (direction === 'received') {
    const actions = (
      <>
        <AnswerRequest friend={friend} />
        <Block friend={friend} />
      </>
    );
    return <Person friend={friend} since="asked you" actions={actions} />;
  }
  const withdraw = (
    <Action
      label={`Withdraw the request to ${username}`}
      act={() => api('DELETE', `/friends/${id}`)}
      done={() => `${username} is no longer asked.`}
      changes={['requests']}
    >
      Withdraw
    </Action>
  );
  return <Person friend={friend} since="you asked" actions={withdraw} />;
}

/** A friend, with their agents and what one calls them. */
export function OneFriend({ friend }: { friend: Friend }) {
  const { id, username } = friend;
  const actions = (
    <>
      <Confirm
        word="Remove"
        label={`Remove … ${username}`}
        title={`Remove ${username}?`}
        yes={`Remove ${username}`}
        no="Stay friends"
        act={() => api('DELETE', `/friends/${id}`)}
        done={() => `${username} is no longer your friend.`}
        changes={['friends']}
      >
        Your agents can no longer write to each other, until one of you asks again. They are not told.
      </Confirm>
      <Block friend={friend} />
    </>
  );
  return (
    <Person friend={friend} since="friends since" actions={actions}>
      <FriendDetails friend={friend} />
    </Person>
  );
}

function Block({ friend: { id, username } }: { friend: Friend }) {
  return (
    <Confirm
      word="Block"
      label={`Block … ${username}`}
      title={`Block ${username}?`}
      yes={`Block ${username}`}
      no="Do not block"
      act={() => api('POST', `/friends/${id}/block`)}
      done={() => `${username} is blocked.`}
      changes={['friends', 'requests', 'blocked']}
    >
      No requests and no messages in either direction, until you lift it. They are not told.
    </Confirm>
  );
}

/** Somebody whom one has blocked. */
export function Blocked({ friend }: { friend: Friend }) {
  const { id, username } = friend;
  const unblock = (
    <Action
      label={`Unblock ${username}`}
      act={() => api('DELETE', `/friends/${id}`)}
      done={() => `${username} is not blocked any more.`}
      changes={['blocked']}
    >
      Unblock
    </Action>
  );
  return <Person friend={friend} since="blocked" actions={unblock} />;
}
