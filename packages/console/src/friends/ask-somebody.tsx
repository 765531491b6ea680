import { api, type Friendship } from '../api.ts';
import { OneField } from '../parts/one-field.tsx';

/** Asks somebody, by their username, to be a friend. */
export function AskSomebody() {
  return (
    <OneField
      label="Ask somebody"
      word="Ask"
      placeholder="username"
      act={(username) => api<Friendship>('POST', '/friends/request', { body: { username } })}
      done={({ status }, username) =>
        status === 'accepted' ? `${username} had asked you: you are friends.` : `${username} is asked.`
      }
      changes={['requests', 'friends']}
    />
  );
}
