import type { ComponentChildren } from 'preact';
import { api } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { useFilters } from '../parts/filters.ts';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { Asking, typed } from './asking.tsx';
import type { QueueAgent, QueueHost } from './queries.ts';

/** All agents at a host, or all that fetch their messages. */
export function HostRow({ row }: { row: QueueHost }) {
  const { to } = useFilters();
  const { host, agents, waiting, in_flight, dead_letters, held, failing } = row;
  const count = `${agents} ${agents === 1 ? 'agent' : 'agents'}`;
  return (
    <tr>
      <th scope="row">
        {host === undefined ? (
          'Fetched by the agents themselves'
        ) : (
          <a href={to({ host, by: undefined })}>
            <Text>{host}</Text>
          </a>
        )}
        <span class="fine">{count}</span>
      </th>
      <Counts waiting={waiting} inFlight={in_flight} dead={dead_letters} />
      <td data-name="How it is">
        <div>
          <HostState row={row} />
          <LastError error={row.last_error} isShown={failing > 0 || dead_letters > 0} />
        </div>
      </td>
      <td class="actions">
        {host !== undefined && (
          <Changes
            what={host}
            isHeld={held > 0}
            canHold={held < agents}
            held="Nothing is sent to these agents until you release them: those that something is owed to now. Another one at this host goes on. What is on its way does, too."
            ask={(change, reason) => api('POST', `/admin/queue/${change}`, { body: { host, ...reason } })}
          />
        )}
      </td>
    </tr>
  );
}

function HostState({ row: { host, failing, failing_since, next_try_at, held, agents } }: { row: QueueHost }) {
  if (held > 0) {
    return (
      <State
        kind="suspended"
        shape="■"
        word={held === agents ? 'held by you' : `${held} of ${agents} held`}
      />
    );
  }
  if (failing > 0) return <Failing since={failing_since} next={next_try_at} />;
  return <State kind="well" shape="●" word={host === undefined ? 'they come for it' : 'well'} />;
}

/** One agent. */
export function AgentRow({ row }: { row: QueueAgent }) {
  const { connection_id, username, framework, label, waiting, in_flight, dead_letters, mode, host } = row;
  return (
    <tr>
      <th scope="row">
        <Text>{framework}</Text>/<Text>{label}</Text>
        <span class="fine">
          of <Text>{username}</Text>
          {host !== undefined && (
            <>
              {' '}
              at <Text>{host}</Text>
            </>
          )}
        </span>
      </th>
      <Counts waiting={waiting} inFlight={in_flight} dead={dead_letters} />
      <td data-name="How it is">
        <div>
          <AgentState row={row} />
          {row.held_reason !== undefined && (
            <span class="fine">
              <Text>{row.held_reason}</Text>
            </span>
          )}
          <LastError error={row.last_error} isShown={row.failing_since !== undefined || dead_letters > 0} />
        </div>
      </td>
      <td class="actions">
        {mode === 'callback' && row.status !== 'deleted' && (
          <Changes
            what={`${framework}/${label} of ${username}`}
            isHeld={row.held_at !== undefined}
            canHold={row.held_at === undefined}
            held="Nothing is sent there until you release it. What is on its way goes on."
            ask={(change, reason) =>
              api('POST', `/admin/agents/${connection_id}/${change}`, { body: { ...reason } })
            }
          />
        )}
      </td>
    </tr>
  );
}

function AgentState({ row }: { row: QueueAgent }) {
  const { status, mode, held_at, owner_is_disabled, failing_since, next_try_at } = row;
  if (owner_is_disabled) return <State kind="suspended" shape="■" word="its owner is disabled" />;
  if (held_at !== undefined && mode === 'callback')
    return <State kind="suspended" shape="■" word="held by you" />;
  if (status !== 'active') return <State kind="suspended" shape="■" word={status} />;
  if (mode === 'polling') return <State kind="well" shape="●" word="comes for it" />;
  if (failing_since !== undefined) return <Failing since={failing_since} next={next_try_at} />;
  return <State kind="well" shape="●" word="well" />;
}

function State({ kind, shape, word }: { kind: string; shape: string; word: string }) {
  return (
    <span class={`state ${kind}`}>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  );
}

function Failing({ since, next }: { since: string | undefined; next: string | undefined }) {
  return (
    <>
      <State kind="failing" shape="■" word="failing" />
      <span class="fine">
        {since !== undefined && (
          <>
            since <Time at={since} />
          </>
        )}
        {next !== undefined && (
          <>
            , next try <Time at={next} />
          </>
        )}
      </span>
    </>
  );
}

function LastError({ error, isShown }: { error: string | undefined; isShown: boolean }): ComponentChildren {
  if (error === undefined || !isShown) return null;
  return (
    <span class="fine">
      Last: <Text>{error}</Text>
    </span>
  );
}

function Counts({ waiting, inFlight, dead }: { waiting: number; inFlight: number; dead: number }) {
  return (
    <>
      <td data-name="Waiting" class="number">
        <div>
          {waiting.toLocaleString('en')}
          {inFlight > 0 && <span class="fine">{inFlight} on their way</span>}
        </div>
      </td>
      <td data-name="Dead letters" class="number">
        {dead.toLocaleString('en')}
      </td>
    </>
  );
}

interface ChangesProps {
  what: string;
  isHeld: boolean;
  canHold: boolean;
  /** What a hold does. */
  held: string;
  ask: (change: 'hold' | 'release' | 'try-now', reason?: { reason: string }) => Promise<unknown>;
}

function Changes({ what, isHeld, canHold, held, ask }: ChangesProps) {
  return (
    <>
      {isHeld && (
        <Action
          label={`Release ${what}`}
          act={() => ask('release')}
          done={() => `${what} is released: what has waited goes out.`}
          changes={['operator']}
        >
          Release
        </Action>
      )}
      {!isHeld && (
        <Action
          label={`Try now: ${what}`}
          act={() => ask('try-now')}
          done={() => `${what} is tried now.`}
          changes={['operator']}
        >
          Try now
        </Action>
      )}
      {canHold && (
        <Asking
          word="Hold"
          label={`Hold ${what}`}
          title={
            <>
              Hold <Text>{what}</Text>?
            </>
          }
          yes="Hold"
          act={(fields) => ask('hold', { reason: typed(fields, 'reason') ?? '' })}
          done={() => `${what} is held.`}
        >
          <p>{held}</p>
          <label>
            Why? Whoever waits for it reads this.
            <input name="reason" required maxLength={200} autocomplete="off" />
          </label>
        </Asking>
      )}
    </>
  );
}
