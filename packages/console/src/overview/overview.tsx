import { FirstAgent } from '../agents/first-agent.tsx';
import { isTroubled } from '../agents/health.tsx';
import type { Agent } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
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

function Tiles({ agents }: { agents: readonly Agent[] }) {
  const well = agents.filter(({ health }) => health.state === 'well').length;
  const troubled = agents.filter(isTroubled).length;
  const unseen = agents.length - well - troubled;
  const sum = (what: 'waiting' | 'dead_letters') => agents.reduce((all, { health }) => all + health[what], 0);
  const tiles = [
    [well, well === 1 ? 'agent well' : 'agents well'],
    ...(unseen > 0 ? [[unseen, 'never seen yet'] as const] : []),
    [troubled, troubled === 1 ? 'agent in trouble' : 'agents in trouble'],
    [sum('waiting'), 'waiting for them'],
    [sum('dead_letters'), sum('dead_letters') === 1 ? 'dead letter' : 'dead letters'],
  ] as const;
  return (
    <ul class="tiles">
      {tiles.map(([count, what]) => (
        <li key={what}>
          <a href="/console/agents">
            <strong>{count.toLocaleString('en')}</strong> {what}
          </a>
        </li>
      ))}
    </ul>
  );
}
