import { useRoute } from 'preact-iso/router';
import { type Agent, api, type Ping, type Requeued } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useAgents } from '../queries.ts';
import { DeleteAgent } from './delete-agent.tsx';
import { Deliveries } from './deliveries.tsx';
import { HealthSentence, HealthWord, reachedBy } from './health.tsx';

/** One agent: how it is, what it was sent, and what can be done about it. */
export function AgentPage() {
  const { id = '' } = useRoute().params;
  const agents = useAgents();
  const agent = agents.data?.find((one) => one.id === id);
  if (agents.error) return <Failure error={agents.error} retry={() => void agents.refetch()} />;
  if (agents.data === undefined) return <p class="loading">Loading …</p>;
  if (agent === undefined) {
    return (
      <Page title="No such agent">
        <p>
          You have no agent with this id, or not any more. <a href="/console/agents">All agents</a>
        </p>
      </Page>
    );
  }
  return <OneAgent agent={agent} />;
}

function OneAgent({ agent }: { agent: Agent }) {
  const { health } = agent;
  return (
    <Page title={`${agent.framework}/${agent.label}`}>
      <p class="lead">
        <HealthWord state={health.state} /> · <HealthSentence health={health} />
      </p>
      <div class="actions">
        <Action label={`Ping ${agent.label}`} act={() => ping(agent)} done={pinged} changes={['agents']}>
          Ping
        </Action>
        {health.dead_letters > 0 && <ResendDeadLetters agent={agent} />}
        <DeleteAgent agent={agent} />
      </div>
      <dl class="facts">
        <dt>Reached</dt>
        <dd>{reachedBy(agent)}</dd>
        {agent.callback_url !== undefined && (
          <>
            <dt>Callback</dt>
            <dd>
              <Text>{agent.callback_url}</Text>
            </dd>
          </>
        )}
        <dt>Waiting</dt>
        <dd>{health.waiting}</dd>
        <dt>Dead letters</dt>
        <dd>{health.dead_letters}</dd>
        <dt>Last seen</dt>
        <dd>{agent.last_seen === undefined ? 'never' : <Time at={agent.last_seen} />}</dd>
        <dt>Connected</dt>
        <dd>
          <Time at={agent.created_at} />
        </dd>
        {agent.description !== undefined && (
          <>
            <dt>What it is for</dt>
            <dd>
              <Text>{agent.description}</Text>
            </dd>
          </>
        )}
        {agent.capabilities.length > 0 && (
          <>
            <dt>Can do</dt>
            <dd class="words">
              {agent.capabilities.map((one) => (
                <Text key={one}>{one}</Text>
              ))}
            </dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <code>{agent.id}</code>
        </dd>
      </dl>
      <Deliveries agent={agent} />
    </Page>
  );
}

function ping({ id }: Agent): Promise<Ping> {
  return api<Ping>('POST', `/agents/${id}/ping`);
}

function pinged({ success, mode, latency_ms, status_code, error }: Ping): string {
  if (mode === 'polling') return 'It fetches its messages by itself: there is nothing to ping.';
  if (success) return `It answered ${status_code ?? ''} after ${latency_ms} ms.`;
  return `It did not answer: ${error ?? `status ${status_code}`}.`;
}

/** Sends everything again that failed for good. */
export function ResendDeadLetters({ agent }: { agent: Agent }) {
  return (
    <Action
      label={`Resend dead letters to ${agent.label}`}
      act={() => api<Requeued>('POST', `/agents/${agent.id}/recover`, { body: { since: 0 } })}
      done={({ requeued }) => `${requeued} ${requeued === 1 ? 'goes' : 'go'} out again.`}
      changes={['agents', 'deliveries']}
    >
      Resend dead letters
    </Action>
  );
}
