import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { CheckAgent } from '../agents/check-agent.tsx';
import { Deliveries } from '../agents/deliveries.tsx';
import { reachedBy } from '../agents/health.tsx';
import { TestMessage } from '../agents/test-message.tsx';
import { type Agent, api, type NewAgent, type NewKey } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Page, Text } from '../parts/page.tsx';
import { KEYS, useAgents, useDeliveriesTo, useKeys } from '../queries.ts';
import { ProgramStep } from './program-step.tsx';
import { type Described, ReachForm } from './reach-form.tsx';
import { Secrets } from './secrets.tsx';
import type { Shown } from './shown.ts';
import { Step } from './step.tsx';

/** Brings an agent in, in four steps. Which are done the registry says, so one may leave and come back. */
export function AddAgent() {
  const { query, route } = useLocation();
  const queries = useQueryClient();
  const agents = useAgents();
  const agent = agents.data?.find(({ id }) => id === query['agent']);
  const [shown, setShown] = useState<Shown>({});
  const show = (more: Shown) => setShown((before) => ({ ...before, ...more }));
  const connect = useMutation({
    mutationFn: async (described: Described) => {
      const made = await connectNew(described);
      setShown(made.callback_secret === undefined ? {} : { callbackSecret: made.callback_secret });
      await queries.invalidateQueries({ queryKey: KEYS.agents });
      route(
        `/console/agents/new?agent=${made.connection_id}${described.reach === 'mcp' ? '&way=mcp' : ''}`,
        true,
      );
      return { id: made.connection_id, label: described.label };
    },
    onSuccess: (made) => makeKey.mutate(made),
  });
  const makeKey = useMutation({
    mutationFn: ({ id, label }: { id: string; label: string }) =>
      api<NewKey>('POST', '/auth/keys', { body: { name: label, scope: 'agent', connection_id: id } }),
    onSuccess: ({ api_key }) => show({ key: api_key }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.keys }),
    gcTime: 0,
  });
  // Whoever comes back goes on where they were, and is told of nothing that was done before.
  if (agents.isPending && query['agent'] !== undefined) return <p class="loading">Loading …</p>;
  return (
    <Page title="Add an agent">
      {agents.error && <Failure error={agents.error} retry={() => void agents.refetch()} />}
      <ol class="steps">
        <Step number={1} title="What it is" isDone={agent !== undefined} doneSentence="It is connected.">
          {agent === undefined ? (
            <ReachForm connect={connect.mutate} isBusy={connect.isPending} error={connect.error} />
          ) : (
            <p>
              <Text>{agent.framework}</Text>/<Text>{agent.label}</Text>, which {reachedBy(agent)}.
            </p>
          )}
        </Step>
        {agent === undefined ? (
          <Ahead />
        ) : (
          <Connected
            agent={agent}
            shown={shown}
            show={show}
            makeKey={() => makeKey.mutate(agent)}
            isMaking={makeKey.isPending}
            keyError={makeKey.error}
          />
        )}
      </ol>
    </Page>
  );
}

/** What comes next, before there is an agent. */
function Ahead() {
  return (
    <>
      <Step number={2} title="Its key" isDone={false} doneSentence="">
        <p class="fine">For this agent alone: where it gets lost, the others are safe.</p>
      </Step>
      <Step number={3} title="Its program" isDone={false} doneSentence="">
        <p class="fine">To paste, with everything filled in.</p>
      </Step>
      <Step number={4} title="Its first message" isDone={false} doneSentence="">
        <p class="fine">From you, to see that it works.</p>
      </Step>
    </>
  );
}

interface ConnectedProps {
  agent: Agent;
  shown: Shown;
  show: (more: Shown) => void;
  makeKey: () => void;
  isMaking: boolean;
  keyError: Error | null;
}

function Connected({ agent, shown, show, makeKey, isMaking, keyError }: ConnectedProps) {
  const keys = useKeys();
  const deliveries = useDeliveriesTo(agent.id);
  const hasKey = keys.data?.some(({ connection_id }) => connection_id === agent.id) === true;
  const isHere = agent.health.state !== 'never_seen';
  const hasMail = deliveries.data?.some(({ status }) => status === 'delivered') === true;
  return (
    <>
      <Step number={2} title="Its key" isDone={hasKey} doneSentence="Its key is made.">
        <Secrets agent={agent} shown={shown} show={show} {...{ hasKey, makeKey, isMaking, keyError }} />
      </Step>
      <Step number={3} title="Its program" isDone={isHere} doneSentence={`${agent.label} is here.`}>
        <ProgramStep agent={agent} shown={shown} />
      </Step>
      <Step
        number={4}
        title="Its first message"
        isDone={hasMail}
        doneSentence={`${agent.label} has its first message.`}
      >
        <div class="actions">
          <TestMessage agent={agent} />
        </div>
        {agent.callback_url !== undefined && <CheckAgent agent={agent} />}
        <Deliveries agent={agent} />
        {hasMail && (
          <p>
            It works. <a href={`/console/agents/${agent.id}`}>Look at the agent</a>, or{' '}
            <a href="/console/friends">find friends</a> whom it can write to.
          </p>
        )}
      </Step>
    </>
  );
}

/** Connects an agent that is not there yet. @throws ApiError AGENT_EXISTS */
function connectNew({ reach, framework, label, callbackUrl }: Described): Promise<NewAgent> {
  const mode = reach === 'callback' ? { mode: 'callback', callback_url: callbackUrl } : { mode: 'polling' };
  return api<NewAgent>('POST', '/agents', { body: { framework, label, ...mode, create_only: true } });
}
