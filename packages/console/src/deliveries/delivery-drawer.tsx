import { api, type Delivery } from '../api.ts';
import { Said } from '../conversations/said.tsx';
import { Action } from '../parts/action.tsx';
import { Drawer } from '../parts/drawer.tsx';
import { addressOf } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useMe } from '../queries.ts';
import { Attempts } from './attempts.tsx';
import { FromTo, Way } from './delivery-table.tsx';
import { useDelivery, useMessage } from './queries.ts';
import { DeliveryState } from './state.tsx';

/** All about one delivery: what it brings, what keeps it, each attempt, and how to try again. */
export function DeliveryDrawer({ id }: { id: string }) {
  const delivery = useDelivery(id);
  const title = delivery.data === undefined ? 'Delivery' : <FromTo delivery={delivery.data} />;
  return (
    <Drawer title={title} name="delivery">
      <Loaded query={delivery}>{(one) => <OneDelivery delivery={one} />}</Loaded>
    </Drawer>
  );
}

function OneDelivery({ delivery }: { delivery: Delivery }) {
  const { id, message_id, status, held_because, next_attempt_at, last_error } = delivery;
  return (
    <>
      <p>
        <DeliveryState status={status} /> <Way delivery={delivery} />
      </p>
      {held_because !== undefined && (
        <p>
          <strong>Held:</strong> <Text>{held_because}</Text>
          {next_attempt_at !== undefined && (
            <>
              {' '}
              Next try <Time at={next_attempt_at} />.
            </>
          )}
        </p>
      )}
      {status === 'failed' && last_error !== undefined && (
        <p>
          <Text>{last_error}</Text>
        </p>
      )}
      <Resend delivery={delivery} />
      <h3>Message</h3>
      <TheMessage id={message_id} />
      <h3>Attempts</h3>
      <Attempts id={id} />
      <Facts delivery={delivery} />
    </>
  );
}

/** Tries again, or says why that is not possible now. */
function Resend({ delivery: { id, status } }: { delivery: Delivery }) {
  if (status === 'pending' || status === 'leased') {
    return <p class="fine">It cannot be sent again: it is not over yet.</p>;
  }
  if (status === 'cancelled') return <p class="fine">It cannot be sent again: it was cancelled for good.</p>;
  return (
    <p class="actions">
      <Action
        kind={status === 'failed' ? 'main' : 'plain'}
        act={() => api('POST', `/deliveries/${id}/resend`)}
        done={() => 'It goes out again.'}
        changes={['deliveries', 'agents', 'threads']}
      >
        {status === 'failed' ? 'Resend' : 'Send it again'}
      </Action>
    </p>
  );
}

function TheMessage({ id }: { id: string }) {
  const me = useMe().data?.username;
  return (
    <Loaded query={useMessage(id)}>
      {(message) => {
        const isGroup = message.recipient_type === 'group';
        const other = isGroup || message.sender === me ? message.recipient : message.sender;
        const thread = {
          with: other,
          with_type: isGroup ? 'group' : undefined,
          about: message.correlation_id ?? '',
        };
        return (
          <>
            <Said message={message} />
            <p>
              <a href={addressOf('/console/conversations', thread)}>The whole conversation</a>
            </p>
          </>
        );
      }}
    </Loaded>
  );
}

function Facts({ delivery }: { delivery: Delivery }) {
  const { id, message_id, connection_id, created_at, delivered_at } = delivery;
  return (
    <dl class="facts">
      <dt>Accepted</dt>
      <dd>
        <Time at={created_at} />
      </dd>
      {delivered_at !== undefined && (
        <>
          <dt>Delivered</dt>
          <dd>
            <Time at={delivered_at} />
          </dd>
        </>
      )}
      <dt>Delivery</dt>
      <dd>
        <code>{id}</code>
      </dd>
      <dt>Message</dt>
      <dd>
        <code>{message_id}</code>
      </dd>
      <dt>Agent</dt>
      <dd>
        <code>{connection_id}</code>
      </dd>
      <dt>By the API</dt>
      <dd>
        <code>
          curl -X POST -H "Authorization: Bearer $MAHILO_KEY" {location.origin}/api/v1/deliveries/{id}/resend
        </code>
      </dd>
    </dl>
  );
}
