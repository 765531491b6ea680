import { useRoute } from 'preact-iso/router';
import { type Agent, api, type Requeued } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useAgents } from '../queries.ts';
import { ChangeAgent } from './change-agent.tsx';
import { CheckAgent } from './check-agent.tsx';
import { DeleteAgent } from './delete-agent.tsx';
import { Deliveries } from './deliveries.tsx';
import { HealthSentence, HealthWord, reachedBy } from './health.tsx';
import { PingAgent } from './ping.tsx';
import { TestMessage } from './test-message.tsx';

/** One agent: how it is, what it was sent, and what can be done about it. */
export function AgentPage() {
  const { id = '' } = useRoute().params;
  const agents = useAgents();
  return (
    <Loaded query={agents}>
      {(all) => {
        const agent = all.find((one) => one.id === id);
        return agent === undefined ? <NoAgent /> : <OneAgent agent={agent} />;
      }}
    </Loaded>
  );
}

function NoAgent() {
  return (
    <Page title="No such agent">
      <p>
        You have no agent with this id, or not any more. <a href="/console/agents">All agents</a>
      </p>
    </Page>
  );
}

function OneAgent({ agent }: { agent: Agent }) {
  const { health } = agent;
  return (
    <Page title={`${agent.framework}/${agent.label}`}>
      <p class="lead">
        <HealthWord state={health.state} /> · <HealthSentence health={health} />
      </p>
      <div class="actions">
        <PingAgent agent={agent}>Ping</PingAgent>
        <TestMessage agent={agent} />
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
      {health.state === 'never_seen' && (
        <p>
          It has not been here yet: <a href={`/console/agents/new?agent=${agent.id}`}>go on bringing it in</a>
          .
        </p>
      )}
      <ChangeAgent agent={agent} />
      <Deliveries agent={agent} />
      {agent.callback_url !== undefined && <CheckAgent agent={agent} />}
    </Page>
  );
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
