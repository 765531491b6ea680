import type { Agent } from '../api.ts';
import { DeliveryDrawer } from '../deliveries/delivery-drawer.tsx';
import { DeliveryTable } from '../deliveries/delivery-table.tsx';
import { addressOf, useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { useDeliveriesTo } from '../queries.ts';

/** What an agent was sent last. */
export function Deliveries({ agent }: { agent: Agent }) {
  const { query } = useFilters();
  const opened = query['delivery'];
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Latest deliveries</h2>
      <Loaded query={useDeliveriesTo(agent.id)}>
        {(deliveries) =>
          deliveries.length === 0 ? (
            <p>Nothing was sent to it yet.</p>
          ) : (
            <>
              <DeliveryTable deliveries={deliveries} />
              <p>
                <a href={addressOf('/console/deliveries', { connection_id: agent.id })}>All of them</a>
              </p>
            </>
          )
        }
      </Loaded>
      {opened !== undefined && <DeliveryDrawer key={opened} id={opened} />}
    </section>
  );
}
