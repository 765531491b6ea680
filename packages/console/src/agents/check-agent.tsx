import { useQueryClient } from '@tanstack/preact-query';
import { Fragment } from 'preact';
import { type Agent, type AgentCheck, api } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Text } from '../parts/page.tsx';
import { KEYS } from '../queries.ts';

type Check = AgentCheck['checks'][number];

const NAMES: Readonly<Record<Check['name'], string>> = {
  valid: 'A valid callback',
  forged: 'A wrong signature',
  repeated: 'The first one again',
  stale: 'Signed ten minutes ago',
};
const VERDICTS: Readonly<Record<Check['verdict'], { shape: string; word: string; state: string }>> = {
  passed: { shape: '●', word: 'passed', state: 'well' },
  failed: { shape: '■', word: 'failed', state: 'failing' },
  skipped: { shape: '○', word: 'not tried', state: '' },
};

/** Sends an agent four callbacks, three of them odd, and shows what it made of each. */
export function CheckAgent({ agent }: { agent: Agent }) {
  const queries = useQueryClient();
  const check = useMutation({
    mutationFn: () => api<AgentCheck>('POST', `/agents/${agent.id}/check`),
    onSuccess: ({ passed }) =>
      announce(passed ? 'It passed all four checks.' : 'It did not pass all checks: see what to do.'),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.agents }),
  });
  return (
    <section aria-labelledby="check">
      <h2 id="check">Check my agent</h2>
      <p>
        Sends it four real callbacks: one that is valid, one that is forged, the first again, and one that is
        too old. None of them is kept.
      </p>
      <button type="button" disabled={check.isPending} onClick={() => check.mutate()}>
        {check.isPending ? 'Checking …' : 'Check it'}
      </button>
      {check.error && <Failure error={check.error} />}
      {check.data && (
        <ul class="needs">
          {check.data.checks.map((one) => (
            <Result key={one.name} check={one} timeoutMs={check.data.timeout_ms} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Result({ check, timeoutMs }: { check: Check; timeoutMs: number }) {
  const { shape, word, state } = VERDICTS[check.verdict];
  return (
    <li>
      <div>
        <span class={`state ${state}`}>
          <span aria-hidden="true">{shape}</span> {word}
        </span>{' '}
        <strong>{NAMES[check.name]}</strong>
        <p>{check.advice}</p>
        {check.headers !== undefined && <Exchange check={check} timeoutMs={timeoutMs} />}
      </div>
    </li>
  );
}

function Exchange({ check, timeoutMs }: { check: Check; timeoutMs: number }) {
  const { headers = {}, status_code, error, duration_ms, response_excerpt } = check;
  return (
    <details>
      <summary>What was sent, and what came back</summary>
      <dl class="facts">
        {Object.entries(headers).map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </Fragment>
        ))}
        <dt>Answer</dt>
        <dd>
          {status_code ?? error} after {duration_ms} ms of {timeoutMs} that it may take
        </dd>
        {response_excerpt !== undefined && (
          <>
            <dt>Its body</dt>
            <dd>
              <Text>{response_excerpt}</Text>
            </dd>
          </>
        )}
      </dl>
    </details>
  );
}
