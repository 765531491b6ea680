import './operator.css';
import { useMemo } from 'preact/hooks';
import { Chart, type ChartLine } from '../parts/chart.tsx';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { type Traffic, useTraffic } from './queries.ts';

type Step = Traffic['steps'][number];

const RANGES = [
  ['1h', '1 hour'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
] as const;

/** How much was going on. */
export function TrafficPage() {
  const { query, to } = useFilters();
  const range = query['range'] ?? '24h';
  const traffic = useTraffic({ range });
  return (
    <Page title="Traffic">
      <nav class="actions views" aria-label="How far back">
        {RANGES.map(([name, words]) => (
          <a
            key={name}
            href={to({ range: name === '24h' ? undefined : name })}
            aria-current={range === name ? 'page' : undefined}
          >
            {words}
          </a>
        ))}
      </nav>
      <Loaded query={traffic}>{(data) => <Charts traffic={data} />}</Loaded>
    </Page>
  );
}

const MESSAGES = [
  ['accepted', 'accepted', '--accent'],
  ['delivered', 'delivered', '--good', [8, 4]],
  ['failed', 'dead letters', '--bad', [2, 3]],
] as const;
const REQUESTS = [
  ['requests', 'requests', '--accent'],
  ['unauthorized', 'refused with 401', '--faint', [8, 4]],
  ['limited', 'refused with 429', '--good', [4, 4]],
  ['errors', 'failed (5xx)', '--bad', [2, 3]],
] as const;

function Charts({ traffic: { steps, step_seconds } }: { traffic: Traffic }) {
  const times = useMemo(() => steps.map(({ at }) => Date.parse(at) / 1000), [steps]);
  const lines = useMemo(
    () => ({
      messages: MESSAGES.map((line) => countLine(steps, line)),
      requests: REQUESTS.map((line) => countLine(steps, line)),
      waits: durationLines(steps, 'wait'),
      callbacks: durationLines(steps, 'callback'),
    }),
    [steps],
  );
  const sum = (name: (typeof MESSAGES)[number][0] | (typeof REQUESTS)[number][0]) =>
    steps.reduce((all, step) => all + step[name], 0).toLocaleString('en');
  const per =
    step_seconds === 60
      ? 'minute'
      : step_seconds < 3600
        ? `${step_seconds / 60} minutes`
        : `${step_seconds / 3600} hours`;
  return (
    <>
      <section aria-labelledby="messages">
        <h2 id="messages">Messages</h2>
        <p>
          {sum('accepted')} accepted, {sum('delivered')} delivered, {sum('failed')} became dead letters. Each
          point is what {step_seconds === 60 ? 'a minute' : per} counted.
        </p>
        <Chart times={times} lines={lines.messages} unit="" />
      </section>
      <section aria-labelledby="waits">
        <h2 id="waits">From accepting a message to its first attempt</h2>
        <p>{worst(steps, 'wait', 'No message was tried for the first time.')}</p>
        <Chart times={times} lines={lines.waits} unit="ms" />
      </section>
      <section aria-labelledby="callbacks">
        <h2 id="callbacks">How long callbacks take</h2>
        <p>{worst(steps, 'callback', 'There was no callback.')}</p>
        <Chart times={times} lines={lines.callbacks} unit="ms" />
      </section>
      <section aria-labelledby="requests">
        <h2 id="requests">Requests</h2>
        <p>
          {sum('requests')} requests; {sum('unauthorized')} refused with 401, {sum('limited')} with 429,{' '}
          {sum('errors')} failed.
        </p>
        <Chart times={times} lines={lines.requests} unit="" />
      </section>
      <AsTable steps={steps} />
    </>
  );
}

function countLine(
  steps: readonly Step[],
  [field, name, color, dash]: readonly [
    (typeof MESSAGES)[number][0] | (typeof REQUESTS)[number][0],
    string,
    string,
    (readonly number[])?,
  ],
): ChartLine {
  return { name, color, values: steps.map((step) => step[field]), ...(dash && { dash: [...dash] }) };
}

function durationLines(steps: readonly Step[], of: 'wait' | 'callback'): ChartLine[] {
  return [
    { name: 'half', color: '--accent', values: steps.map((step) => step[of]?.p50) },
    { name: '95 of 100', color: '--good', values: steps.map((step) => step[of]?.p95), dash: [8, 4] },
    { name: '99 of 100', color: '--bad', values: steps.map((step) => step[of]?.p99), dash: [2, 3] },
  ];
}

function worst(steps: readonly Step[], of: 'wait' | 'callback', none: string): string {
  const known = steps.flatMap((step) => step[of] ?? []);
  if (known.length === 0) return none;
  const most = (part: 'p50' | 'p95') => Math.max(...known.map((one) => one[part])).toLocaleString('en');
  return `At the worst point half of them took at most ${most('p50')} ms, and 95 of 100 at most ${most('p95')} ms.`;
}

const WHEN = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short' });

/** The same in words, without the steps in which nothing happened. */
function AsTable({ steps }: { steps: readonly Step[] }) {
  const busy = steps
    .filter((step) => step.requests + step.attempts + step.delivered + step.failed > 0)
    .toReversed();
  return (
    <details>
      <summary>The same as a table</summary>
      {busy.length === 0 && <p>Nothing was counted.</p>}
      {busy.length > 0 && (
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Accepted</th>
              <th scope="col">Delivered</th>
              <th scope="col">Dead letters</th>
              <th scope="col">Wait, 95 of 100</th>
              <th scope="col">Callback, 95 of 100</th>
              <th scope="col">Requests</th>
              <th scope="col">Refused or failed</th>
            </tr>
          </thead>
          <tbody>
            {busy.map((step) => (
              <tr key={step.at}>
                <th scope="row">
                  <time dateTime={step.at}>{WHEN.format(new Date(step.at))}</time>
                </th>
                <td data-name="Accepted">{step.accepted}</td>
                <td data-name="Delivered">{step.delivered}</td>
                <td data-name="Dead letters">{step.failed}</td>
                <td data-name="Wait">{step.wait === undefined ? '–' : `${step.wait.p95} ms`}</td>
                <td data-name="Callback">{step.callback === undefined ? '–' : `${step.callback.p95} ms`}</td>
                <td data-name="Requests">{step.requests}</td>
                <td data-name="Refused, failed">{step.unauthorized + step.limited + step.errors}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
