import type { Agent } from '../api.ts';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';

type State = Agent['health']['state'];

/** A shape and a word for each state: colour alone tells nobody anything. */
const SHOWN: Readonly<Record<State, { shape: string; word: string }>> = {
  well: { shape: '●', word: 'well' },
  never_seen: { shape: '○', word: 'never seen' },
  failing: { shape: '■', word: 'failing' },
  suspended: { shape: '■', word: 'suspended' },
  inactive: { shape: '■', word: 'inactive' },
};

/** Whether the owner should look at it. */
export function isTroubled({ health }: Agent): boolean {
  return SHOWN[health.state].shape === '■';
}

/** How an agent is, in a few words. */
export function HealthWord({ state }: { state: State }) {
  const { shape, word } = SHOWN[state];
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  );
}

/** Why it is so, and what happens next. */
export function HealthSentence({ health }: Pick<Agent, 'health'>) {
  const { state, failing_since, next_try_at, last_error } = health;
  return (
    <>
      {state === 'well' && 'It takes what it is sent.'}
      {state === 'never_seen' && 'It has not taken anything yet.'}
      {state === 'inactive' && 'It answered 410 Gone: nothing is sent to it until it is registered again.'}
      {state === 'suspended' &&
        'It did not answer for days. What is sent to it waits until it answers a ping, or is registered again.'}
      {failing_since !== undefined && state === 'failing' && (
        <>
          First failure <Time at={failing_since} />.
        </>
      )}
      {next_try_at !== undefined && state === 'failing' && (
        <>
          {' '}
          Next try <Time at={next_try_at} />.
        </>
      )}
      {last_error !== undefined && state !== 'well' && (
        <>
          {' '}
          Last error: <Text>{last_error}</Text>
        </>
      )}
    </>
  );
}

/** How messages get to it. */
export function reachedBy({ mode, callback_url }: Agent): string {
  if (mode === 'polling') return 'fetches its messages';
  const host = callback_url === undefined ? undefined : URL.parse(callback_url)?.host;
  return host === undefined ? mode : `is called at ${host}`;
}
