import './operator.css';
import { useQueryClient } from '@tanstack/preact-query';
import { useId, useRef, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { KEYS } from '../queries.ts';
import { LookedAt } from './looked-at.tsx';
import { type DeadLetterGroup, type RequeuedDeadLetters, useDeadLetters } from './queries.ts';

/** What failed for good, in groups of what failed in the same way. */
export function DeadLettersPage() {
  const letters = useDeadLetters();
  return (
    <Page title="Dead letters">
      <Loaded query={letters}>
        {(data) => (
          <>
            <LookedAt at={data.checked_at} again={() => void letters.refetch()} isBusy={letters.isFetching} />
            {data.groups.length === 0 && (
              <p>There are none. A delivery becomes one when all of its attempts have failed.</p>
            )}
            {data.groups.length > 0 && <Groups groups={data.groups} />}
            {!data.is_complete && <p class="fine">There are more than could be looked at.</p>}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Groups({ groups }: { groups: readonly DeadLetterGroup[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">How they failed</th>
          <th scope="col">Host</th>
          <th scope="col">How many</th>
          <th scope="col">Accepted</th>
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr key={`${group.host} ${group.error}`}>
            <th scope="row">
              <Text>{group.error === '' ? 'for no reason that is known' : group.error}</Text>
            </th>
            <td data-name="Host">
              <Text>{hostOf(group)}</Text>
            </td>
            <td data-name="How many" class="number">
              <div>
                {group.count.toLocaleString('en')}
                <span class="fine">{`of ${group.agents} ${group.agents === 1 ? 'agent' : 'agents'}`}</span>
              </div>
            </td>
            <td data-name="Accepted">
              <div>
                <Time at={group.oldest_at} />
                {group.newest_at !== group.oldest_at && (
                  <span class="fine">
                    to <Time at={group.newest_at} />
                  </span>
                )}
              </div>
            </td>
            <td class="actions">
              <Requeue group={group} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function hostOf({ host }: DeadLetterGroup): string {
  return host ?? 'agents that fetch, or are gone';
}

/** Counts first, and asks; then requeues all of a group, a thousand at once. */
function Requeue({ group }: { group: DeadLetterGroup }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const queries = useQueryClient();
  const over = useRef(new AbortController());
  const [soFar, setSoFar] = useState(0);
  const ask = (dry_run: boolean, cursor?: string) =>
    api<RequeuedDeadLetters>('POST', '/admin/deliveries/requeue', {
      body: {
        dry_run,
        host: group.host ?? null,
        error: group.error,
        ...(cursor !== undefined && { cursor }),
      },
    });
  const count = useMutation({
    mutationFn: () => ask(true),
    onSuccess: () => dialog.current?.showModal(),
    onError: (error) => announce(error.message),
  });
  const requeue = useMutation({
    mutationFn: async () => {
      over.current = new AbortController();
      const { signal } = over.current;
      let all = 0;
      // Each piece begins behind the one before: what fails again at once is not requeued for ever.
      for (let cursor: string | undefined; !signal.aborted; ) {
        const done = await ask(false, cursor);
        all += done.requeued ?? 0;
        setSoFar(all);
        cursor = done.cursor;
        if (cursor === undefined) break;
      }
      return all;
    },
    onSuccess: (all) => announce(`${all} ${all === 1 ? 'goes' : 'go'} out again.`),
    onError: (error) => announce(error.message),
    onSettled: () => {
      dialog.current?.close();
      return queries.invalidateQueries({ queryKey: KEYS.operator });
    },
  });
  const what = `${group.error} at ${hostOf(group)}`;
  return (
    <>
      <button
        type="button"
        aria-label={`Requeue ${what}`}
        aria-disabled={count.isPending}
        onClick={() => {
          setSoFar(0);
          count.mutate();
        }}
      >
        Requeue …
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={() => over.current.abort()}>
        <h2 id={titleId}>Requeue them?</h2>
        {count.data !== undefined && <Counted counted={count.data} />}
        {requeue.isPending && soFar > 0 && <p role="status">{soFar} so far …</p>}
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            {requeue.isPending ? 'Stop here' : 'Leave them'}
          </button>
          <button
            type="button"
            class="main"
            disabled={requeue.isPending || count.data?.matched === 0}
            onClick={() => requeue.mutate()}
          >
            Requeue
          </button>
        </div>
      </dialog>
    </>
  );
}

function Counted({
  counted: { matched = 0, agents, skipped_agents, more },
}: {
  counted: RequeuedDeadLetters;
}) {
  const what = matched === 1 ? 'One dead letter' : `${matched.toLocaleString('en')} dead letters`;
  return (
    <>
      <p>
        {more ? `${what} or more` : what} of {agents === 1 ? 'one agent' : `${agents} agents`}{' '}
        {matched === 1 && !more ? 'gets' : 'get'} a fresh cycle of attempts, due at once. That cannot be taken
        back.
      </p>
      {skipped_agents > 0 && (
        <p class="fine">{`${skipped_agents} other ${skipped_agents === 1 ? 'agent is' : 'agents are'} left out: inactive, or deleted.`}</p>
      )}
    </>
  );
}
