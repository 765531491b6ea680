import { useState } from 'preact/hooks';
import { Choice } from '../parts/filter-fields.tsx';
import { useFilters } from '../parts/filters.ts';
import { Page } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { type LiveEvent, useRecent } from './recent.ts';
import { Sentence, TYPES } from './words.tsx';

/** What happens, as it happens. */
export function LivePage() {
  const { query } = useFilters();
  const recent = useRecent();
  const [held, setHeld] = useState<readonly LiveEvent[] | undefined>(undefined);
  const wanted = query['type'] ?? '';
  const shown = (held ?? recent).filter(({ type }) => type === 'connection' || type.startsWith(wanted));
  const since = held === undefined ? 0 : recent.filter((event) => !held.includes(event)).length;
  return (
    <Page title="Live">
      <search class="filters" aria-label="Filters">
        <Choice name="type" label="Show" options={TYPES} />
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held === undefined ? recent : undefined)}
        >
          {held === undefined ? 'Pause' : `Go on (${since} new)`}
        </button>
      </search>
      <p class="fine">
        What happens while the console is open, the latest first. While nobody looks at it, it does not
        listen, and catches up after a short while away.
      </p>
      <ol class="events" reversed>
        {shown.map((event) => (
          <li key={`${event.type} ${event.id}`}>
            <Time at={event.timestamp} /> <Sentence event={event} />
          </li>
        ))}
      </ol>
    </Page>
  );
}
