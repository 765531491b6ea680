import { FirstAgent } from '../agents/first-agent.tsx';
import { isTroubled } from '../agents/health.tsx';
import type { Agent } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { addressOf } from '../parts/filters.ts';
import { Page } from '../parts/page.tsx';
import { useAgents } from '../queries.ts';
import { NeedsYou } from './needs-you.tsx';

/** How it is, and what waits for a person. */
export function Overview() {
  const agents = useAgents();
  return (
    <Page title="Overview">
      {agents.error && <Failure error={agents.error} retry={() => void agents.refetch()} />}
      {agents.data !== undefined &&
        (agents.data.length === 0 ? <FirstAgent /> : <Tiles agents={agents.data} />)}
      <NeedsYou />
    </Page>
  );
}

const AGENTS = '/console/agents';
/** What somebody should look at, as the words say. */
const BAD: ReadonlySet<string> = new Set([
  'agent in trouble',
  'agents in trouble',
  'dead letter',
  'dead letters',
]);

function Tiles({ agents }: { agents: readonly Agent[] }) {
  const well = agents.filter(({ health }) => health.state === 'well').length;
  const troubled = agents.filter(isTroubled).length;
  const unseen = agents.length - well - troubled;
  const sum = (what: 'waiting' | 'dead_letters') => agents.reduce((all, { health }) => all + health[what], 0);
  const toThem = (status: string) => addressOf('/console/deliveries', { direction: 'received', status });
  const tiles = [
    [well, well === 1 ? 'agent well' : 'agents well', AGENTS],
    ...(unseen > 0 ? [[unseen, 'never seen yet', AGENTS] as const] : []),
    [troubled, troubled === 1 ? 'agent in trouble' : 'agents in trouble', AGENTS],
    [sum('waiting'), 'waiting for them', toThem('waiting')],
    [sum('dead_letters'), sum('dead_letters') === 1 ? 'dead letter' : 'dead letters', toThem('failed')],
  ] as const;
  return (
    <ul class="tiles">
      {tiles.map(([count, what, page]) => (
        <li key={what} class={count > 0 && BAD.has(what) ? 'bad' : undefined}>
          <a href={page}>
            <strong>{count.toLocaleString('en')}</strong> {what}
          </a>
        </li>
      ))}
    </ul>
  );
}
