import './operator.css';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { type AuditLine, useAudit } from './queries.ts';

/** Who did what. */
export function AuditPage() {
  const { cursor } = useFilters().query;
  const lines = useAudit({ cursor });
  return (
    <Page title="Audit">
      <p>Nobody can change what stands here. It is kept for at least a year.</p>
      <Loaded query={lines}>
        {({ items, next }) => (
          <>
            <Table lines={items} />
            <Pager next={next} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Table({ lines }: { lines: readonly AuditLine[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Who</th>
          <th scope="col">To</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <th scope="row">
              {line.action}
              <Details details={line.details} />
            </th>
            <td data-name="Who">
              <div>
                <Text>{line.actor}</Text>
                {line.actor_type === 'operator' && <span class="fine">operator</span>}
              </div>
            </td>
            <td data-name="To">
              <code>{line.subject}</code>
            </td>
            <td data-name="When">
              <Time at={line.at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Details({ details }: { details: AuditLine['details'] }) {
  const said = Object.entries(details);
  if (said.length === 0) return null;
  return (
    <span class="fine">
      <Text>{said.map(([name, value]) => `${name.replaceAll('_', ' ')}: ${String(value)}`).join(', ')}</Text>
    </span>
  );
}
