import { useQuery } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, type Attempt, api, type StartedAttempt } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { useNow } from '../parts/time.tsx';

/** How often (ms) the page asks whether the code is approved: nobody is signed in, so there is no stream of events. */
const ASKED_EVERY_MS = 3000;

interface ByAgentProps {
  /** Who it is, where that is known. */
  username?: string;
  signedIn: () => void;
}

/** By a code that an agent approves. */
export function ByAgent({ username, signedIn }: ByAgentProps) {
  const [started, setStarted] = useState<StartedAttempt>();
  const start = useMutation({
    mutationFn: (name: string) =>
      api<StartedAttempt>('POST', '/auth/browser-login/attempts', { body: { username: name } }),
    onSuccess: setStarted,
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    start.mutate(String(new FormData(event.currentTarget).get('username')).trim());
  };
  if (started !== undefined) {
    return <Waiting started={started} signedIn={signedIn} again={() => setStarted(undefined)} />;
  }
  return (
    <form onSubmit={submit}>
      <label>
        Username
        <input
          name="username"
          required
          defaultValue={username ?? ''}
          readOnly={username !== undefined}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
      </label>
      {start.error && <Failure error={start.error} />}
      <button type="submit" class="main" disabled={start.isPending}>
        Sign in with your agent
      </button>
    </form>
  );
}

interface WaitingProps {
  started: StartedAttempt;
  signedIn: () => void;
  again: () => void;
}

function Waiting({ started, signedIn, again }: WaitingProps) {
  const { attempt_id, approval_code, browser_token, expires_at } = started;
  const headers = { 'x-browser-login-token': browser_token };
  const path = `/auth/browser-login/attempts/${attempt_id}`;
  const attempt = useQuery({
    queryKey: ['attempt', attempt_id],
    queryFn: () => api<Attempt>('GET', path, { headers }),
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.status === 'pending' ? ASKED_EVERY_MS : false,
    refetchIntervalInBackground: true,
    gcTime: 0,
  });
  const redeem = useMutation({
    mutationFn: () => api('POST', `${path}/redeem`, { headers }),
    onSuccess: signedIn,
  });
  const status = attempt.data?.status;
  const { mutate } = redeem;
  useEffect(() => {
    if (status === 'approved') mutate();
  }, [status, mutate]);
  const error = redeem.error ?? failureOf(attempt.data) ?? attempt.error;
  if (error) return <Failure error={error} retry={again} />;
  const code = `${approval_code.slice(0, 3)}-${approval_code.slice(3)}`;
  return (
    <section class="waiting" aria-label="Waiting for your agent">
      <p>Tell an agent of yours to let this browser in:</p>
      <p class="code">
        <code>approve {code}</code>
      </p>
      <p class="fine">
        Or at a terminal: <code>mahilo approve {code}</code>
      </p>
      <Left until={expires_at} />
      <button type="button" onClick={again}>
        Another name, or another way
      </button>
    </section>
  );
}

function failureOf(attempt: Attempt | undefined): Error | undefined {
  const { failure_code, failure_message } = attempt ?? {};
  return failure_code
    ? new ApiError(0, failure_code, failure_message ?? 'The sign-in has failed.')
    : undefined;
}

/** How long the code can still be approved. */
function Left({ until }: { until: string }) {
  const now = useNow(1000);
  const seconds = Math.max(0, Math.round((Date.parse(until) - now) / 1000));
  return (
    <p class="fine">
      <span role="timer">
        {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
      </span>{' '}
      left
    </p>
  );
}
