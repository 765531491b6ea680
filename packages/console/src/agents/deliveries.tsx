import type { Agent, Delivery } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useDeliveriesTo } from '../queries.ts';

const SHAPES: Readonly<Record<Delivery['status'], string>> = {
  pending: '○',
  leased: '○',
  delivered: '●',
  failed: '■',
  cancelled: '×',
};
const WORDS: Readonly<Record<Delivery['status'], string>> = {
  pending: 'waiting',
  leased: 'on its way',
  delivered: 'delivered',
  failed: 'dead letter',
  cancelled: 'cancelled',
};

/** What an agent was sent last. */
export function Deliveries({ agent }: { agent: Agent }) {
  const deliveries = useDeliveriesTo(agent.id);
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Latest deliveries</h2>
      {deliveries.error && <Failure error={deliveries.error} retry={() => void deliveries.refetch()} />}
      {deliveries.data?.length === 0 && <p>Nothing was sent to it yet.</p>}
      {deliveries.data !== undefined && deliveries.data.length > 0 && (
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">State</th>
              <th scope="col">Attempts</th>
              <th scope="col">Accepted</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.data.map((delivery) => (
              <Row key={delivery.id} delivery={delivery} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  const { sender, status, attempts, created_at, held_because, last_error } = delivery;
  const why = status === 'delivered' ? undefined : (held_because ?? last_error);
  return (
    <tr>
      <th scope="row">
        <Text>{sender}</Text>
      </th>
      <td data-name="State">
        <div>
          <span class={`state ${status}`}>
            <span aria-hidden="true">{SHAPES[status]}</span> {WORDS[status]}
          </span>
          {why !== undefined && (
            <span class="fine">
              <Text>{why}</Text>
            </span>
          )}
        </div>
      </td>
      <td data-name="Attempts" class="number">
        {attempts}
      </td>
      <td data-name="Accepted">
        <Time at={created_at} />
      </td>
    </tr>
  );
}
