import type { Delivery } from '../api.ts';
import { Text } from '../parts/page.tsx';

type Status = Delivery['status'];

/** A shape and a word for each state: colour alone tells nobody anything. */
const SHOWN: Readonly<Record<Status, readonly [shape: string, word: string]>> = {
  pending: ['○', 'waiting'],
  leased: ['○', 'on its way'],
  delivered: ['●', 'delivered'],
  failed: ['■', 'dead letter'],
  cancelled: ['×', 'cancelled'],
};

/** What has become of a delivery, in a word. */
export function DeliveryState({ status }: { status: Status }) {
  const [shape, word] = SHOWN[status];
  return (
    <span class={`state ${status}`}>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  );
}

/** The same with what keeps it, or what went wrong. */
export function StateAndWhy({
  delivery,
}: {
  delivery: Pick<Delivery, 'status' | 'held_because' | 'last_error'>;
}) {
  const { status, held_because, last_error } = delivery;
  const why = status === 'delivered' ? undefined : (held_because ?? last_error);
  return (
    <div>
      <DeliveryState status={status} />
      {why !== undefined && (
        <span class="fine">
          <Text>{why}</Text>
        </span>
      )}
    </div>
  );
}
