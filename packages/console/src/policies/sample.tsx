import { api, type PolicyDraft, type TriedSample } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';

/** Which of one's latest messages a policy would have concerned, had it been there. */
export function Sample({
  draft,
  onError,
}: {
  draft: () => PolicyDraft;
  onError: (error: Error | null) => void;
}) {
  const run = useMutation({
    mutationFn: () => api<TriedSample>('POST', '/policies/sample', { body: { draft: draft() } }),
    onSettled: (_, error) => onError(error),
  });
  return (
    <section class="card" aria-labelledby="sample">
      <h2 id="sample">Over what was sent</h2>
      <button type="button" disabled={run.isPending} onClick={() => run.mutate()}>
        Run over my last 100 messages
      </button>
      {run.error && <Failure error={run.error} />}
      {run.data && <Result sample={run.data} />}
    </section>
  );
}

function Result({ sample: { tried, encrypted, is_complete, concerned } }: { sample: TriedSample }) {
  return (
    <div role="status">
      <p class="lead">
        It would have concerned {concerned.length} of {tried} {tried === 1 ? 'message' : 'messages'}.
      </p>
      {encrypted > 0 && (
        <p class="fine">
          {encrypted} more {encrypted === 1 ? 'is' : 'are'} encrypted: the registry cannot read them.
        </p>
      )}
      {!is_complete && (
        <p class="fine">Older ones were not tried: it takes too long, or they are too large.</p>
      )}
      {concerned.length > 0 && (
        <ul class="plain">
          {concerned.map((one) => (
            <li key={one.message_id}>
              <Text>{one.excerpt}</Text>
              <span class="fine">
                {one.recipient_type === 'user' ? `to ${one.recipient}` : 'to a group'},{' '}
                <Time at={one.created_at} />: <Text>{one.reason}</Text>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
