import type { DeliveryAttempt } from '../api.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { outcomeWord } from './outcomes.ts';
import { useAttempts } from './queries.ts';

/** Every attempt of a delivery, and how it ended. */
export function Attempts({ id }: { id: string }) {
  return (
    <Loaded query={useAttempts(id)}>
      {(attempts) =>
        attempts.length === 0 ? (
          <p>None yet.</p>
        ) : (
          <ol class="attempts">
            {attempts.map((attempt) => (
              <OneAttempt key={attempt.attempt} attempt={attempt} />
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

function OneAttempt({ attempt }: { attempt: DeliveryAttempt }) {
  const { outcome, started_at, duration_ms, error, response_excerpt } = attempt;
  const isGood = outcome === 'delivered';
  return (
    <li value={attempt.attempt}>
      <span class={`state ${isGood ? 'delivered' : 'failed'}`}>
        <span aria-hidden="true">{isGood ? '●' : '■'}</span> {outcomeWord(attempt)}
      </span>{' '}
      <span class="fine">
        <Time at={started_at} />, took {duration_ms.toLocaleString('en')} ms
      </span>
      {!isGood && error !== undefined && (
        <p>
          <Text>{error}</Text>
        </p>
      )}
      {response_excerpt !== undefined && response_excerpt !== '' && (
        <details>
          <summary>What your agent answered</summary>
          <pre>
            <Text>{response_excerpt}</Text>
          </pre>
        </details>
      )}
    </li>
  );
}
