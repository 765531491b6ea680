import { Choice, Written } from '../parts/filter-fields.tsx';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useAgents, useFriends } from '../queries.ts';
import { DeliveryDrawer } from './delivery-drawer.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { OUTCOMES } from './outcomes.ts';
import { type DeliveryQuery, FILTERS, useDeliveries } from './queries.ts';
import { ResendMatching } from './resend-matching.tsx';

const STATES = [
  ['', 'any'],
  ['waiting', 'waiting'],
  ['delivered', 'delivered'],
  ['failed', 'dead letter'],
  ['cancelled', 'cancelled'],
] as const;

const DIRECTIONS = [
  ['', 'both ways'],
  ['received', 'to my agents'],
  ['sent', 'of my messages'],
] as const;

const SPANS = [
  ['', 'all that is kept'],
  ['1h', 'the last hour'],
  ['24h', 'the last 24 hours'],
  ['7d', 'the last 7 days'],
] as const;

/** What became of messages: the whole list, filtered. */
export function DeliveriesPage() {
  const { query, to } = useFilters();
  const asked: DeliveryQuery = Object.fromEntries(
    [...FILTERS, 'cursor'].flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  );
  const deliveries = useDeliveries(asked);
  const isFiltered = FILTERS.some((name) => query[name] !== undefined);
  const opened = query['delivery'];
  return (
    <Page title="Deliveries">
      <FilterBar />
      <Loaded query={deliveries}>
        {({ items, next }) => (
          <>
            {query['status'] === 'failed' && items.length > 0 && <ResendMatching query={asked} />}
            {items.length > 0 && <DeliveryTable deliveries={items} />}
            {items.length === 0 && <Nothing isFiltered={isFiltered} hasMore={next !== undefined} />}
            <Pager next={next} />
          </>
        )}
      </Loaded>
      {isFiltered && (
        <p>
          <a href={to(Object.fromEntries([...FILTERS, 'cursor'].map((name) => [name, undefined])))}>
            Without filters
          </a>
        </p>
      )}
      {opened !== undefined && <DeliveryDrawer key={opened} id={opened} />}
    </Page>
  );
}

function FilterBar() {
  const agents = useAgents();
  const friends = useFriends();
  const mine = (agents.data ?? []).map(({ id, framework, label }) => [id, `${framework}/${label}`] as const);
  return (
    <search class="filters" aria-label="Filters">
      <Choice name="status" label="State" options={STATES} />
      <Choice name="direction" label="Direction" options={DIRECTIONS} />
      {mine.length > 0 && (
        <Choice name="connection_id" label="To my agent" options={[['', 'any'], ...mine]} />
      )}
      <Written
        name="with"
        label="With"
        placeholder="a username"
        list={(friends.data?.items ?? []).map(({ username }) => username)}
        follows={(text) => ({ with_type: text?.startsWith('grp_') ? 'group' : undefined })}
      />
      <Choice name="outcome" label="Last attempt" options={[['', 'any'], ...OUTCOMES]} />
      <Choice name="since" label="Accepted in" options={SPANS} />
    </search>
  );
}

/** Says what would be there, and how it gets there. */
function Nothing({ isFiltered, hasMore }: { isFiltered: boolean; hasMore: boolean }) {
  if (hasMore) return <p>Nothing of this page matches; older ones may.</p>;
  return isFiltered ? (
    <p>Nothing matches.</p>
  ) : (
    <p>
      Here stands what becomes of each message on its way to an agent. There is none yet:{' '}
      <a href="/console/conversations">write to somebody</a>, or{' '}
      <a href="/console/agents">bring an agent in</a>.
    </p>
  );
}
