import { api, type Policy } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { Effect } from './effect.tsx';
import { targetNameOf, useMayChange, usePolicies } from './queries.ts';
import { rulesOf, wordsOf } from './rules.ts';
import { Tester } from './tester.tsx';

/** In the order in which they are asked. */
const SCOPES = [
  ['user', 'For one person'],
  ['role', 'For a role'],
  ['global', 'For everybody'],
  ['group', 'Of your groups'],
] as const;
const SEVERITY: Readonly<Record<Policy['effect'], number>> = { deny: 0, ask: 1, allow: 2 };

/** What one's agents may send. */
export function PoliciesPage() {
  return (
    <Page title="Policies">
      <p>
        Rules for what your agents may send. The first part below with a policy that concerns a message
        decides; in it deny comes before ask, and ask before allow, then the higher priority. Policies of a
        group can only be stricter than your own.
      </p>
      <div class="split">
        <div>
          <p>
            <a class="button main" href="/console/policies/new">
              Write a policy
            </a>
          </p>
          <AllPolicies />
        </div>
        <Tester />
      </div>
    </Page>
  );
}

function AllPolicies() {
  const { user, role, global, group } = useFilters().query;
  const pages = {
    user: usePolicies('user', user),
    role: usePolicies('role', role),
    global: usePolicies('global', global),
    group: usePolicies('group', group),
  };
  const areNone = Object.values(pages).every(({ data }) => data?.items.length === 0);
  if (areNone && [user, role, global, group].every((cursor) => cursor === undefined)) {
    return <p>You have none: your agents may send whatever they like to your friends.</p>;
  }
  return SCOPES.map(([scope, title]) => (
    <Loaded key={scope} query={pages[scope]}>
      {({ items, next }) => (
        <>
          <OfScope title={title} policies={items} />
          {next !== undefined && <p class="fine">There are more: those of the next page are asked, too.</p>}
          <Pager next={next} name={scope} of={title} />
        </>
      )}
    </Loaded>
  ));
}

function OfScope({ title, policies }: { title: string; policies: readonly Policy[] }) {
  if (policies.length === 0) return null;
  const inOrder = policies.toSorted(
    (one, other) =>
      SEVERITY[one.effect] - SEVERITY[other.effect] ||
      other.priority - one.priority ||
      (one.created_at < other.created_at ? -1 : 1),
  );
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul class="needs">
        {inOrder.map((policy) => (
          <OnePolicy key={policy.id} policy={policy} />
        ))}
      </ul>
    </section>
  );
}

function OnePolicy({ policy }: { policy: Policy }) {
  const { id, effect, enabled, priority, scope } = policy;
  const mayChange = useMayChange(policy);
  const what = sentenceOf(policy);
  return (
    <li class={enabled ? undefined : 'off'}>
      <div>
        <Effect effect={effect} /> · {scope !== 'global' && <Text>{`${targetNameOf(policy)}: `}</Text>}
        <Text>{what}</Text>
        <span class="fine">
          {enabled ? 'on' : 'switched off'}
          {priority > 0 && `, priority ${priority}`}
          <Bounds policy={policy} />
        </span>
      </div>
      {mayChange && (
        <div class="actions">
          <a class="button" href={`/console/policies/${id}`} aria-label={`Change: ${what}`}>
            Change
          </a>
          <Action
            label={`Switch ${enabled ? 'off' : 'on'}: ${what}`}
            act={() => api('PATCH', `/policies/${id}`, { body: { enabled: !enabled } })}
            done={() => `The policy is ${enabled ? 'off' : 'on'}.`}
            changes={['policies']}
          >
            Switch {enabled ? 'off' : 'on'}
          </Action>
          <Confirm
            word="Delete"
            label={`Delete … ${what}`}
            title="Delete this policy?"
            yes="Delete it"
            no="Keep it"
            act={() => api('DELETE', `/policies/${id}`)}
            done={() => 'The policy is deleted.'}
            changes={['policies']}
          >
            <Text>{what}</Text>. To have it back you write it again; it can also be switched off.
          </Confirm>
        </div>
      )}
    </li>
  );
}

/** What kind of message it is for, and for how long. */
function Bounds({ policy }: { policy: Policy }) {
  const { evaluator, direction, resource, action, expires_at, effective_from } = policy;
  const { remaining_uses, max_uses, source } = policy;
  const kind = [direction, resource, action].filter((one) => one !== null).join(' ');
  return (
    <>
      {evaluator === 'llm' && ', judged by your agents alone'}
      {kind !== '' && (
        <>
          , for <Text>{kind}</Text>
        </>
      )}
      {effective_from !== undefined && (
        <>
          , from <Time at={effective_from} />
        </>
      )}
      {expires_at !== undefined && (
        <>
          , until <Time at={expires_at} />
        </>
      )}
      {max_uses !== undefined && `, ${remaining_uses ?? 0} of ${max_uses} uses left`}
      {source === 'learned' && ', learned by your agent'}
      {source === 'override' && ', an exception'}
    </>
  );
}

/** A policy in one sentence. */
function sentenceOf(policy: Policy): string {
  if (policy.evaluator === 'llm') return policy.policy_content;
  const words = wordsOf(rulesOf(policy));
  return words.length === 0 ? 'any message' : `a message that ${words.join(', or ')}`;
}
