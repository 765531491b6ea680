import { useState } from 'preact/hooks';
import type { BlockedEvent, Review } from '../api.ts';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useMyGroup, useReviews } from '../queries.ts';
import { Decide } from './decide.tsx';
import { useRefused, useReview } from './queries.ts';

const CIPHERTEXT = 'application/mahilo+ciphertext';

/** Messages of one's agents that wait for a person, and those that were refused. */
export function ReviewsPage() {
  const { cursor } = useFilters().query;
  return (
    <Page title="Reviews">
      <p>
        What your agents want to send and a <a href="/console/policies">policy</a>, or the agent itself,
        leaves to you. Nobody else sees it before you decide.
      </p>
      <Loaded query={useReviews(cursor)}>
        {({ items, next }) => (
          <>
            {items.length === 0 && <p>Nothing waits for you{cursor !== undefined && ' on this page'}.</p>}
            {items.length > 0 && (
              <ul class="needs">
                {items.map((review) => (
                  <Held key={review.review_id} review={review} />
                ))}
              </ul>
            )}
            <Pager next={next} of="what waits" />
          </>
        )}
      </Loaded>
      <section aria-labelledby="refused">
        <h2 id="refused">Refused lately</h2>
        <Loaded query={useRefused()}>
          {({ blocked_events }) =>
            blocked_events.length === 0 ? (
              <p>Nothing was refused.</p>
            ) : (
              <ul class="needs">
                {blocked_events.map((event) => (
                  <Refused key={event.id} event={event} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
    </Page>
  );
}

/** To whom a message goes, as people call them. */
function useName({ id, username }: { id: string; username: string | null }): string {
  const group = useMyGroup(username === null ? id : undefined);
  return username ?? group?.name ?? 'a group';
}

function Held({ review }: { review: Review }) {
  const { summary, created_at, sender, applied_policy } = review;
  const to = useName(review.recipient);
  const policy = applied_policy.winning_policy_id;
  return (
    <li>
      <div>
        To <Text>{to}</Text>
        {sender.agent !== 'agent' && (
          <>
            , from <Text>{sender.agent}</Text>
          </>
        )}
        <span class="fine">
          <Time at={created_at} /> · <Text>{summary}</Text>{' '}
          {policy !== null && <a href={`/console/policies/${policy}`}>The policy</a>}
        </span>
        <blockquote>
          {review.payload_type === CIPHERTEXT ? (
            'It is encrypted: only its recipient can read it.'
          ) : (
            <Readable review={review} />
          )}
        </blockquote>
      </div>
      <div class="actions">
        <Decide review={review} to={to} />
      </div>
    </li>
  );
}

/** The beginning of a message, and all of it for who asks. */
function Readable({ review }: { review: Review }) {
  const [isOpen, setOpen] = useState(false);
  const { message_preview, context_preview } = review;
  const isCut = [...message_preview].length >= 240 || [...(context_preview ?? '')].length >= 200;
  return (
    <>
      {!isOpen && <Said message={message_preview} context={context_preview} />}
      {isCut && (
        <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>All of it</summary>
          {isOpen && <Texts id={review.review_id} />}
        </details>
      )}
    </>
  );
}

function Said({ message, context }: { message: string; context: string | null }) {
  return (
    <>
      <p class="said">
        <Text>{message}</Text>
      </p>
      {context !== null && (
        <p class="said fine">
          Context: <Text>{context}</Text>
        </p>
      )}
    </>
  );
}

function Texts({ id }: { id: string }) {
  return (
    <Loaded query={useReview(id)}>
      {({ message, context }) => <Said message={message} context={context} />}
    </Loaded>
  );
}

function Refused({ event }: { event: BlockedEvent }) {
  const { reason, timestamp, stored_payload_excerpt, recipient } = event;
  const to = useName(recipient);
  return (
    <li>
      <div>
        To <Text>{to}</Text>: <Text>{reason}</Text>
        <span class="fine">
          <Time at={timestamp} />
        </span>
        {stored_payload_excerpt !== null && stored_payload_excerpt !== '' && (
          <blockquote>
            <Text>{stored_payload_excerpt}</Text>
          </blockquote>
        )}
      </div>
    </li>
  );
}
