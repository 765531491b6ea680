import './operator.css';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { LookedAt } from './looked-at.tsx';
import { type Queue, useQueue } from './queries.ts';
import { AgentRow, HostRow } from './queue-rows.tsx';

/** What is owed to whom. */
export function QueuePage() {
  const { query, to } = useFilters();
  const host = query['host'];
  const by = host === undefined && query['by'] !== 'agent' ? 'host' : 'agent';
  const queue = useQueue({ by, host });
  return (
    <Page title="Queue">
      <nav class="actions views" aria-label="How to look at it">
        <a href={to({ by: undefined, host: undefined })} aria-current={by === 'host' ? 'page' : undefined}>
          By host
        </a>
        <a
          href={to({ by: 'agent', host: undefined })}
          aria-current={by === 'agent' && host === undefined ? 'page' : undefined}
        >
          By agent
        </a>
        {host !== undefined && (
          <span>
            At <Text>{host}</Text>
          </span>
        )}
      </nav>
      <Loaded query={queue}>
        {(data) => (
          <>
            <p class="lead">{summary(data)}</p>
            <LookedAt at={data.checked_at} again={() => void queue.refetch()} isBusy={queue.isFetching} />
            <Rows queue={data} />
            {data.more > 0 && <p class="fine">{data.more} more are not shown: those with the least.</p>}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function summary({ waiting, in_flight, dead_letters, is_complete }: Queue): string {
  const dead = `${dead_letters} ${dead_letters === 1 ? 'dead letter' : 'dead letters'}`;
  return `${is_complete ? '' : 'At least '}${waiting} waiting, ${in_flight} on their way, ${dead}.`;
}

function Rows({ queue: { hosts, agents } }: { queue: Queue }) {
  const rows = hosts ?? agents ?? [];
  if (rows.length === 0) return <p>Nothing is owed to anybody here, and there are no dead letters.</p>;
  return (
    <table class="cards queue">
      <thead>
        <tr>
          <th scope="col">{hosts === undefined ? 'Agent' : 'Host'}</th>
          <th scope="col">Waiting</th>
          <th scope="col">Dead letters</th>
          <th scope="col">How it is</th>
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {hosts?.map((row) => (
          <HostRow key={row.host ?? ''} row={row} />
        ))}
        {agents?.map((row) => (
          <AgentRow key={row.connection_id} row={row} />
        ))}
      </tbody>
    </table>
  );
}
