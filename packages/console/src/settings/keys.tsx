import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { AgentOptions } from '../agents/agent-options.tsx';
import { type Agent, api, type Key, type NewKey } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { KEYS, useAgents, useKeys } from '../queries.ts';
import { registryNow } from '../registry-clock.ts';
import { MadeKey } from './made-key.tsx';

const DAY_MS = 86_400_000;
const ENDS = [
  ['', 'never'],
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year'],
] as const;

/** One's API keys: what each may do, and when it was used; another one is made, and each can be revoked. */
export function ApiKeys() {
  const [made, setMade] = useState<NewKey | undefined>(undefined);
  const agents = useAgents().data ?? [];
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">API keys</h2>
      <Loaded query={useKeys()}>
        {(keys) => (
          <ul class="needs">
            {keys.map((key) => (
              <OneKey key={key.id} of={key} agents={agents} />
            ))}
          </ul>
        )}
      </Loaded>
      {made !== undefined && <MadeKey made={made} forget={() => setMade(undefined)} />}
      <NewKeyForm agents={agents} onMade={setMade} />
    </section>
  );
}

function OneKey({ of: key, agents }: { of: Key; agents: readonly Agent[] }) {
  const { id, name, created_at, last_used_at, expires_at } = key;
  return (
    <li>
      <div>
        <Text>{name}</Text>
        <span class="fine">
          <code>mhl_{id}_…</code> · <Text>{mayWhat(key, agents)}</Text>
        </span>
        <span class="fine">
          Made <Time at={created_at} />; {last_used_at === null ? 'no use noted yet' : 'last used '}
          {last_used_at !== null && <Time at={last_used_at} />}
          {expires_at !== undefined && (
            <>
              ; ends <Time at={expires_at} />
            </>
          )}
        </span>
      </div>
      <Confirm
        word="Revoke"
        label={`Revoke ${name}`}
        title={
          <>
            Revoke <Text>{name}</Text>?
          </>
        }
        yes="Revoke it"
        no="Keep it"
        act={() => api('DELETE', `/auth/keys/${encodeURIComponent(id)}`)}
        done={() => `${name} is revoked.`}
        changes={['keys', 'sessions']}
      >
        What uses it is refused from now on, and browsers that were signed in with it are signed out. If this
        one was, you have to sign in again.
      </Confirm>
    </li>
  );
}

function mayWhat({ scope, connection_id }: Key, agents: readonly Agent[]): string {
  if (scope === 'all') return 'may do everything';
  if (scope === 'read') return 'may only read';
  const agent = agents.find(({ id }) => id === connection_id);
  return agent === undefined ? 'for one agent' : `for the agent ${agent.framework}/${agent.label} alone`;
}

interface NewKeyFormProps {
  agents: readonly Agent[];
  onMade: (made: NewKey) => void;
}

function NewKeyForm({ agents, onMade }: NewKeyFormProps) {
  const queries = useQueryClient();
  const [scope, setScope] = useState('all');
  const make = useMutation({
    mutationFn: (body: object) => api<NewKey>('POST', '/auth/keys', { body }),
    // It is shown once, and remembered nowhere.
    gcTime: 0,
    onSuccess: (made) => {
      onMade(made);
      return queries.invalidateQueries({ queryKey: KEYS.keys });
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const days = Number(fields.get('ends'));
    const body = {
      name: fields.get('name'),
      scope,
      ...(scope === 'agent' && { connection_id: fields.get('connection_id') }),
      ...(days > 0 && { expires_at: new Date(registryNow() + days * DAY_MS).toISOString() }),
    };
    make.mutate(body, {
      onSuccess: () => {
        form.reset();
        setScope('all');
      },
    });
  };
  return (
    <details>
      <summary>Make another key</summary>
      <form class="narrow" onSubmit={submit}>
        <label>
          What it is for
          <input name="name" required maxLength={100} autocomplete="off" placeholder="the agent at home" />
        </label>
        <label>
          It may
          <select value={scope} onChange={({ currentTarget }) => setScope(currentTarget.value)}>
            <option value="all">do everything</option>
            <option value="read">only read</option>
            {agents.length > 0 && <option value="agent">do what one agent needs</option>}
          </select>
        </label>
        {scope === 'agent' && (
          <label>
            Which agent
            <select name="connection_id">
              <AgentOptions agents={agents} />
            </select>
          </label>
        )}
        <label>
          It ends
          <select name="ends">
            {ENDS.map(([days, word]) => (
              <option key={days} value={days}>
                {word}
              </option>
            ))}
          </select>
        </label>
        {make.error && <Failure error={make.error} />}
        <button type="submit" class="main" disabled={make.isPending}>
          Make it
        </button>
      </form>
    </details>
  );
}
