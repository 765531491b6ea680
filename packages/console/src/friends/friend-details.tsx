import { useMutation, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { AgentName } from '../agents/agents-page.tsx';
import { api, type Contact, type Friend } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { KEYS } from '../queries.ts';
import { useContacts } from './queries.ts';
import { ROLES } from './roles.ts';

/** The agents of a friend, and the roles that one has given them; looked up when somebody wants to see it. */
export function FriendDetails({ friend }: { friend: Friend }) {
  const [isOpen, setOpen] = useState(false);
  const roles = friend.roles.map((role) => ROLES[role] ?? role).join(', ');
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Agents and roles<span class="unseen"> of {friend.username}</span>
        {roles !== '' && `: ${roles}`}
      </summary>
      {isOpen && (
        <>
          <Agents username={friend.username} />
          <Roles friend={friend} />
        </>
      )}
    </details>
  );
}

function Agents({ username }: { username: string }) {
  return (
    <Loaded query={useContacts(username)}>
      {(agents) =>
        agents.length === 0 ? (
          <p class="fine">They have no active agent: nothing reaches them just now.</p>
        ) : (
          <ul class="plain">
            {agents.map((agent) => (
              <Agent key={agent.id} agent={agent} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Agent({ agent }: { agent: Contact }) {
  const { description, capabilities, public_keys } = agent;
  const key = public_keys?.keys.find(({ crv }) => crv === 'X25519')?.kid;
  return (
    <li>
      <AgentName agent={agent} />
      {description !== undefined && (
        <span class="fine">
          <Text>{description}</Text>
        </span>
      )}
      {capabilities.length > 0 && (
        <span class="fine">
          Can do: <Text>{capabilities.join(', ')}</Text>
        </span>
      )}
      <span class="fine">
        {key === undefined ? (
          'It has no key: the registry can read what it is sent.'
        ) : (
          <>
            It can be written to encrypted. Compare its key over another way:{' '}
            <code>{key.replaceAll(/.{4}(?!$)/g, '$& ')}</code>
          </>
        )}
      </span>
    </li>
  );
}

function Roles({ friend: { id, username, roles } }: { friend: Friend }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: ({ role, has }: { role: string; has: boolean }) =>
      has
        ? api('POST', `/friends/${id}/roles`, { body: { role } })
        : api('DELETE', `/friends/${id}/roles/${encodeURIComponent(role)}`),
    onError: (error) => announce(error.message),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.friends }),
  });
  // What was just chosen stands there before the registry has said so.
  const has = (role: string) =>
    change.isPending && change.variables.role === role ? change.variables.has : roles.includes(role);
  return (
    <fieldset>
      <legend>What you call {username}: your policies can ask for it. They do not see it.</legend>
      <div class="choices">
        {Object.entries(ROLES).map(([role, word]) => (
          <label key={role}>
            <input
              type="checkbox"
              checked={has(role)}
              onChange={({ currentTarget }) => change.mutate({ role, has: currentTarget.checked })}
            />
            {word}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
