import type { Agent } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useAgents } from '../queries.ts';
import { FirstAgent } from './first-agent.tsx';
import { HealthWord, reachedBy } from './health.tsx';

/** All agents of whoever is signed in, and how they are. */
export function AgentsPage() {
  const agents = useAgents();
  return (
    <Page title="Agents">
      {agents.error && <Failure error={agents.error} retry={() => void agents.refetch()} />}
      {agents.data?.length === 0 && <FirstAgent />}
      {agents.data !== undefined && agents.data.length > 0 && (
        <>
          <Table agents={agents.data} />
          <p>
            <a class="button" href="/console/agents/new">
              Add an agent
            </a>
          </p>
        </>
      )}
    </Page>
  );
}

function Table({ agents }: { agents: readonly Agent[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Agent</th>
          <th scope="col">How it is</th>
          <th scope="col">Waiting</th>
          <th scope="col">Dead letters</th>
          <th scope="col">Last seen</th>
        </tr>
      </thead>
      <tbody>
        {agents.map((agent) => (
          <tr key={agent.id}>
            <th scope="row">
              <a href={`/console/agents/${agent.id}`}>
                <AgentName agent={agent} />
              </a>
              <span class="fine">{reachedBy(agent)}</span>
            </th>
            <td data-name="How it is">
              <HealthWord state={agent.health.state} />
            </td>
            <td data-name="Waiting" class="number">
              {agent.health.waiting}
            </td>
            <td data-name="Dead letters" class="number">
              {agent.health.dead_letters}
            </td>
            <td data-name="Last seen">
              {agent.last_seen === undefined ? 'never' : <Time at={agent.last_seen} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Framework and label, which its owner has chosen. */
export function AgentName({ agent: { framework, label } }: { agent: Pick<Agent, 'framework' | 'label'> }) {
  return (
    <>
      <Text>{framework}</Text>/<Text>{label}</Text>
    </>
  );
}
