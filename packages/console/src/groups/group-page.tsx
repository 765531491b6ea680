import { useLocation, useRoute } from 'preact-iso/router';
import { ApiError, api, type Group } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { OneField } from '../parts/one-field.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useGroup } from '../queries.ts';
import { AnswerInvitation } from './answer-invitation.tsx';
import { ChangeGroup } from './change-group.tsx';
import { GroupLinks } from './group-links.tsx';
import { membersOf, whoJoins } from './groups-page.tsx';
import { Members } from './members.tsx';

/** One group: who is in it, and what one may do there. */
export function GroupPage() {
  const { id = '' } = useRoute().params;
  const group = useGroup(id);
  if (group.error instanceof ApiError && group.error.status === 404) return <NoGroup />;
  return <Loaded query={group}>{(one) => <OneGroup group={one} />}</Loaded>;
}

function NoGroup() {
  return (
    <Page title="No such group">
      <p>
        You are in no group with this id, or not any more. <a href="/console/groups">All groups</a>
      </p>
    </Page>
  );
}

function OneGroup({ group }: { group: Group }) {
  const { group_id, name, description, role, status, created_at } = group;
  const isMember = status === 'active';
  const isInCharge = isMember && role !== 'member';
  return (
    <Page title={name}>
      <p class="lead">
        {isMember ? `You are its ${role}` : 'You are invited'} · {membersOf(group)}
      </p>
      <div class="actions">
        {isMember ? (
          <>
            <a class="button" href={`/console/conversations?with=${group_id}&with_type=group`}>
              What was said there
            </a>
            <Leave group={group} />
            {role === 'owner' && <Delete group={group} />}
          </>
        ) : (
          <AnswerInvitation group={group} />
        )}
      </div>
      <dl class="facts">
        {description !== undefined && (
          <>
            <dt>What it is for</dt>
            <dd>
              <Text>{description}</Text>
            </dd>
          </>
        )}
        <dt>Who can join</dt>
        <dd>{whoJoins(group)}</dd>
        <dt>Made</dt>
        <dd>
          <Time at={created_at} />
        </dd>
        <dt>Id</dt>
        <dd>
          <code>{group_id}</code>
        </dd>
      </dl>
      {isInCharge && (
        <>
          <ChangeGroup group={group} />
          <Invite group={group} />
          <GroupLinks group={group} />
        </>
      )}
      <Members group={group} />
    </Page>
  );
}

function Invite({ group: { group_id, name } }: { group: Group }) {
  return (
    <section aria-labelledby="invite">
      <h2 id="invite">Invite somebody</h2>
      <OneField
        label="Username"
        word="Invite"
        act={(username) => api('POST', `/groups/${group_id}/invite`, { body: { username } })}
        done={(_, username) => `${username} is invited to ${name}.`}
        changes={['members']}
      />
    </section>
  );
}

/** The owner of others cannot leave them; the last one takes the group along. */
function Leave({ group: { group_id, name, role, member_count } }: { group: Group }) {
  const { route } = useLocation();
  if (role === 'owner') return null;
  return (
    <Confirm
      word="Leave"
      title={`Leave ${name}?`}
      yes="Leave it"
      no="Stay"
      act={() => api('DELETE', `/groups/${group_id}/leave`).then(() => route('/console/groups'))}
      done={() => `You have left ${name}.`}
      changes={['groups']}
    >
      Messages to it reach you no more. {member_count > 1 && 'The others stay, and its owner is told.'}
    </Confirm>
  );
}

function Delete({ group: { group_id, name, member_count } }: { group: Group }) {
  const { route } = useLocation();
  return (
    <Confirm
      word="Delete"
      title={`Delete ${name}?`}
      yes="Delete the group"
      no="Keep it"
      typed={name}
      act={() => api('DELETE', `/groups/${group_id}`).then(() => route('/console/groups'))}
      done={() => `${name} is deleted.`}
      changes={['groups']}
    >
      {member_count > 1 && `All ${member_count} members lose it. `}
      What was sent before still arrives. Nobody can ever make a group of this name again. To leave it to
      somebody else, make them its owner.
    </Confirm>
  );
}
