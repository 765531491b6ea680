import type { MessageWithDeliveries } from '../api.ts';
import { Attempts } from '../deliveries/attempts.tsx';
import { useMessage } from '../deliveries/queries.ts';
import { StateAndWhy } from '../deliveries/state.tsx';
import { Drawer } from '../parts/drawer.tsx';
import { addressOf } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { Said } from './said.tsx';

/** Deliveries that are shown; a large group has more. */
const SHOWN = 100;

/** One message, and what has become of it with each who gets it. */
export function MessageDrawer({ id }: { id: string }) {
  return (
    <Drawer title="Message" name="message">
      <Loaded query={useMessage(id)}>{(message) => <OneMessage message={message} />}</Loaded>
    </Drawer>
  );
}

function OneMessage({ message }: { message: MessageWithDeliveries }) {
  const { id, context, payload_type, correlation_id, deliveries } = message;
  const [only] = deliveries;
  return (
    <>
      <Said message={message} />
      {context !== undefined && context !== '' && (
        <>
          <h3>Context</h3>
          <p class="said" dir="auto">
            {context}
          </p>
        </>
      )}
      <h3>Deliveries</h3>
      <ul class="needs">
        {deliveries.slice(0, SHOWN).map((delivery) => (
          <li key={delivery.id}>
            <div>
              <Text>{delivery.recipient}</Text> <StateAndWhy delivery={delivery} />
            </div>
            <a
              href={addressOf('/console/deliveries', { delivery: delivery.id })}
              aria-label={`The delivery to ${delivery.recipient}`}
            >
              Delivery
            </a>
          </li>
        ))}
      </ul>
      {deliveries.length === 0 && <p>None: it was not sent.</p>}
      {deliveries.length > SHOWN && <p>And {deliveries.length - SHOWN} more.</p>}
      {only !== undefined && deliveries.length === 1 && (
        <>
          <h3>Attempts</h3>
          <Attempts id={only.id} />
        </>
      )}
      <dl class="facts">
        <dt>What it is</dt>
        <dd>
          <Text>{payload_type}</Text>
        </dd>
        {correlation_id !== undefined && (
          <>
            <dt>Correlation id</dt>
            <dd>
              <Text>{correlation_id}</Text>
            </dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <code>{id}</code>
        </dd>
      </dl>
    </>
  );
}
