import { api, type Friend } from '../api.ts';
import { Action } from '../parts/action.tsx';

/** Accepts or rejects who asks to be a friend. */
export function AnswerRequest({ friend: { id, username } }: { friend: Pick<Friend, 'id' | 'username'> }) {
  const answer = (to: 'accept' | 'reject') => () => api('POST', `/friends/${id}/${to}`);
  return (
    <>
      <Action
        kind="main"
        label={`Accept ${username}`}
        act={answer('accept')}
        done={() => `${username} is your friend.`}
        changes={['requests', 'friends']}
      >
        Accept
      </Action>
      <Action
        label={`Reject ${username}`}
        act={answer('reject')}
        done={() => `${username} is no friend.`}
        changes={['requests']}
      >
        Reject
      </Action>
    </>
  );
}
