import { api, type Group, type Member } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useMe } from '../queries.ts';
import { useMembers } from './queries.ts';

const ORDER: Readonly<Record<Member['role'], number>> = { owner: 0, admin: 1, member: 2 };

/** Who is in a group; who runs it changes that here. */
export function Members({ group }: { group: Group }) {
  const { members: cursor } = useFilters().query;
  return (
    <section aria-labelledby="members">
      <h2 id="members">Members</h2>
      <Loaded query={useMembers(group.group_id, cursor)}>
        {({ items: members, next }) => (
          <>
            {group.status === 'active' && (
              <Reached members={members} isAll={cursor === undefined && next === undefined} />
            )}
            <table class="cards acting">
              <thead>
                <tr>
                  <th scope="col">Who</th>
                  <th scope="col">Role</th>
                  <th scope="col">Since</th>
                  <th scope="col">
                    <span class="unseen">What you can do</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {members.toSorted(inOrder).map((member) => (
                  <Row key={member.membership_id} group={group} member={member} />
                ))}
              </tbody>
            </table>
            <Pager next={next} name="members" of="the members" />
          </>
        )}
      </Loaded>
    </section>
  );
}

function inOrder(one: Member, other: Member): number {
  const isInvited = ({ status }: Member) => Number(status === 'invited');
  return (
    isInvited(one) - isInvited(other) ||
    ORDER[one.role] - ORDER[other.role] ||
    one.username.localeCompare(other.username)
  );
}

function Reached({ members, isAll }: { members: readonly Member[]; isAll: boolean }) {
  const me = useMe().data?.user_id;
  const others = members.filter(({ user_id, status }) => status === 'active' && user_id !== me);
  if (others.length === 0) return isAll ? <p>Nobody else is in it yet.</p> : null;
  const reached = others.filter(({ connection_id }) => connection_id !== undefined).length;
  return (
    <p>
      A message of yours to the group reaches {reached} of {others.length}
      {!isAll && ' that are shown here'}
      {reached < others.length && ': the rest have no agent, or one of you has blocked the other'}.
    </p>
  );
}

function Row({ group, member }: { group: Group; member: Member }) {
  const { username, display_name, role, status, joined_at, connection_id, user_id } = member;
  const isMe = useMe().data?.user_id === user_id;
  const isMember = status === 'active';
  return (
    <tr>
      <th scope="row">
        <Text>{display_name ?? username}</Text>
        {isMe && ' – you'}
        <span class="fine">
          {display_name !== undefined && <>{username} </>}
          {isMember && !isMe && group.status === 'active' && connection_id === undefined && '(not reached)'}
        </span>
      </th>
      <td data-name="Role">{isMember ? role : 'invited'}</td>
      <td data-name="Since">{joined_at === undefined ? '–' : <Time at={joined_at} />}</td>
      <td data-name="">
        <div class="actions">
          {!isMe && group.status === 'active' && <Changes group={group} member={member} />}
        </div>
      </td>
    </tr>
  );
}

/** What one's own role allows. */
function Changes({ group, member }: { group: Group; member: Member }) {
  const mine = ORDER[group.role];
  const isMember = member.status === 'active';
  return (
    <>
      {group.role === 'owner' && isMember && <ChangeRole group={group} member={member} />}
      {group.role === 'owner' && isMember && <Transfer group={group} member={member} />}
      {mine < ORDER.member && mine < ORDER[member.role] && <Remove group={group} member={member} />}
    </>
  );
}

function pathOf({ group_id }: Group, { username }: Member): string {
  return `/groups/${group_id}/members/${encodeURIComponent(username)}`;
}

function ChangeRole({ group, member }: { group: Group; member: Member }) {
  const { username } = member;
  const role = member.role === 'admin' ? 'member' : 'admin';
  return (
    <Action
      label={`Make ${role}: ${username}`}
      act={() => api('PATCH', pathOf(group, member), { body: { role } })}
      done={() => `${username} is ${role === 'admin' ? 'an admin' : 'a plain member'} now.`}
      changes={['members']}
    >
      {role === 'admin' ? 'Make admin' : 'Make member'}
    </Action>
  );
}

function Transfer({ group: { group_id, name }, member: { username } }: { group: Group; member: Member }) {
  return (
    <Confirm
      word="Make owner"
      label={`Make owner … ${username}`}
      title={`Hand ${name} to ${username}?`}
      yes={`Hand it to ${username}`}
      no="Keep it"
      typed={name}
      act={() => api('POST', `/groups/${group_id}/transfer`, { body: { username } })}
      done={() => `${name} is ${username}’s now. You are a plain member.`}
      changes={['groups', 'members']}
    >
      They alone can give it back. You become a plain member.
    </Confirm>
  );
}

function Remove({ group, member }: { group: Group; member: Member }) {
  const { username, status } = member;
  const isMember = status === 'active';
  return (
    <Confirm
      word="Remove"
      label={`Remove … ${username}`}
      title={isMember ? `Remove ${username} from ${group.name}?` : `Withdraw the invitation of ${username}?`}
      yes={isMember ? `Remove ${username}` : 'Withdraw it'}
      no={isMember ? 'Keep them' : 'Let it stand'}
      act={() => api('DELETE', pathOf(group, member))}
      done={() =>
        isMember ? `${username} is not in ${group.name} any more.` : `${username} is not invited any more.`
      }
      changes={['members', 'groups']}
    >
      {isMember
        ? 'They are told, and can be invited again. What was sent before still reaches them.'
        : 'They can be invited again.'}
    </Confirm>
  );
}
