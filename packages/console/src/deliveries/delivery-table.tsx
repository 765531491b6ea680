import type { Delivery } from '../api.ts';
import { GroupName } from '../groups/group-name.tsx';
import { useFilters } from '../parts/filters.ts';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useAgents } from '../queries.ts';
import { StateAndWhy } from './state.tsx';

/** Deliveries, each with a way to all about it. */
export function DeliveryTable({ deliveries }: { deliveries: readonly Delivery[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">From → to</th>
          <th scope="col">State</th>
          <th scope="col" class="slim">
            Attempts
          </th>
          <th scope="col" class="slim">
            Accepted
          </th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <Row key={delivery.id} delivery={delivery} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  const { id, attempts, created_at } = delivery;
  const { to } = useFilters();
  return (
    <tr>
      <th scope="row">
        <a href={to({ delivery: id })}>
          <FromTo delivery={delivery} />
        </a>
        <Way delivery={delivery} />
      </th>
      <td data-name="State">
        <StateAndWhy delivery={delivery} />
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

/** Who wrote, and who gets it. */
export function FromTo({ delivery: { sender, recipient } }: { delivery: Delivery }) {
  return (
    <>
      <Text>{sender}</Text> → <Text>{recipient}</Text>
    </>
  );
}

/** Which agent of one's own it is for, and in which group it was said. */
export function Way({ delivery: { connection_id, group_id } }: { delivery: Delivery }) {
  const agent = useAgents().data?.find(({ id }) => id === connection_id);
  if (agent === undefined && group_id === undefined) return null;
  return (
    <span class="fine">
      {agent !== undefined && (
        <>
          to <Text>{`${agent.framework}/${agent.label}`}</Text>
        </>
      )}
      {group_id !== undefined && (
        <>
          {' '}
          in <GroupName id={group_id} />
        </>
      )}
    </span>
  );
}
