import './operator.css';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { LookedAt } from './looked-at.tsx';
import { type Processes, type RegistryHealth, useHealth, useProcesses } from './queries.ts';

type Finding = RegistryHealth['findings'][number];

const SHOWN: Readonly<Record<Finding['level'], { shape: string; kind: string; word: string }>> = {
  problem: { shape: '■', kind: 'failed', word: 'Problem' },
  note: { shape: '▲', kind: 'noted', word: 'Note' },
  ok: { shape: '●', kind: 'well', word: 'Well' },
};
const ORDER = Object.keys(SHOWN);

/** How the registry is, in the doctor's words. */
export function HealthPage() {
  const health = useHealth();
  return (
    <Page title="Health">
      <Loaded query={health}>
        {(data) => (
          <>
            <p class="lead">{summary(data)}</p>
            <LookedAt at={data.checked_at} again={() => void health.refetch()} isBusy={health.isFetching} />
            <ul class="findings">
              {data.findings
                .toSorted((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level))
                .map((finding) => (
                  <Line key={`${finding.check} ${finding.finding}`} finding={finding} />
                ))}
            </ul>
          </>
        )}
      </Loaded>
      <Workers />
    </Page>
  );
}

function summary({ findings }: RegistryHealth): string {
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  const [problems, notes] = [count('problem'), count('note')];
  const worth = `${notes} ${notes === 1 ? 'thing' : 'things'} worth knowing`;
  if (problems === 0) return notes === 0 ? 'All is well.' : `All works; ${worth}.`;
  return `${problems === 1 ? 'One problem' : `${problems} problems`}${notes === 0 ? '' : ` and ${worth}`}.`;
}

function Line({ finding: { check, level, finding, advice } }: { finding: Finding }) {
  const { shape, kind, word } = SHOWN[level];
  return (
    <li>
      <span class={`state ${kind}`}>
        <span aria-hidden="true">{shape}</span> {word}
      </span>
      <div>
        <p>
          <strong>{check}</strong> <WithCode text={finding} />
        </p>
        {advice !== undefined && (
          <p class="fine">
            <WithCode text={advice} />
          </p>
        )}
      </div>
    </li>
  );
}

/** What stands between backticks is for a terminal. */
function WithCode({ text }: { text: string }) {
  return <bdi>{text.split('`').map((part, n) => (n % 2 === 1 ? <code key={part}>{part}</code> : part))}</bdi>;
}

function Workers() {
  const processes = useProcesses();
  return (
    <section aria-labelledby="workers">
      <h2 id="workers">Workers</h2>
      <Loaded query={processes}>
        {({ workers, version }) => (
          <>
            {workers.length === 0 ? <p>None runs: nothing is delivered.</p> : <Table workers={workers} />}
            <p class="fine">
              Version {version}. The doctor looks at most once in 30 seconds;{' '}
              <code>npm run admin -- doctor --full</code> also reads the whole database.
            </p>
          </>
        )}
      </Loaded>
    </section>
  );
}

function Table({ workers }: Pick<Processes, 'workers'>) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Worker</th>
          <th scope="col">State</th>
          <th scope="col">Started</th>
          <th scope="col">Last heard of</th>
        </tr>
      </thead>
      <tbody>
        {workers.map(({ id, alive, started_at, last_heard_of_at }) => (
          <tr key={id}>
            <th scope="row">
              <Text>{id}</Text>
            </th>
            <td data-name="State">
              <span class={`state ${alive ? 'well' : 'failed'}`}>
                <span aria-hidden="true">{alive ? '●' : '■'}</span> {alive ? 'alive' : 'gone'}
              </span>
            </td>
            <td data-name="Started">
              <Time at={started_at} />
            </td>
            <td data-name="Last heard of">
              <Time at={last_heard_of_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
