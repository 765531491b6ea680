import { useLocation } from 'preact-iso/router';
import { api, type Group } from '../api.ts';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { OneField } from '../parts/one-field.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useGroups } from '../queries.ts';
import { AnswerInvitation } from './answer-invitation.tsx';
import { CreateGroup } from './create-group.tsx';

/** Groups: one message reaches the agents of all members. */
export function GroupsPage() {
  const { cursor, invitations: invitationsCursor } = useFilters().query;
  const [invitations, mine] = [useGroups('invited', invitationsCursor), useGroups('active', cursor)];
  const { route } = useLocation();
  return (
    <Page title="Groups">
      <p>A message to a group goes to one agent of each other member. Members need not be friends.</p>
      <Loaded query={invitations}>{({ items, next }) => <Invitations groups={items} next={next} />}</Loaded>
      <section aria-labelledby="mine">
        <h2 id="mine">Your groups</h2>
        <Loaded query={mine}>
          {({ items, next }) => (
            <>
              <Mine groups={items} />
              <Pager next={next} of="your groups" />
            </>
          )}
        </Loaded>
      </section>
      <CreateGroup />
      <section aria-labelledby="join">
        <h2 id="join">Join an open group</h2>
        <p>Whoever is in it can tell you its id. Into other groups you are invited.</p>
        <OneField
          label="Id of the group"
          word="Join"
          placeholder="grp_…"
          act={(id) =>
            api<{ group_id: string; name: string }>('POST', `/groups/${encodeURIComponent(id)}/join`)
          }
          done={({ group_id, name }) => {
            route(`/console/groups/${group_id}`);
            return `You are in ${name}.`;
          }}
          changes={['groups']}
        />
      </section>
    </Page>
  );
}

function Invitations({ groups, next }: { groups: readonly Group[]; next: string | undefined }) {
  if (groups.length === 0) return null;
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations">You are invited</h2>
      <ul class="needs">
        {groups.map((group) => (
          <li key={group.group_id}>
            <div>
              <Text>{group.name}</Text>
              <span class="fine">{membersOf(group)}</span>
            </div>
            <div class="actions">
              <AnswerInvitation group={group} />
            </div>
          </li>
        ))}
      </ul>
      <Pager next={next} name="invitations" of="the invitations" />
    </section>
  );
}

function Mine({ groups }: { groups: readonly Group[] }) {
  if (groups.length === 0) return <p>None yet. Make one, or let somebody invite you.</p>;
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">Members</th>
          <th scope="col">You are</th>
          <th scope="col">Who can join</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr key={group.group_id}>
            <th scope="row">
              <a href={`/console/groups/${group.group_id}`}>
                <Text>{group.name}</Text>
              </a>
              {group.description !== undefined && (
                <span class="fine">
                  <Text>{group.description}</Text>
                </span>
              )}
            </th>
            <td data-name="Members" class="number">
              {group.member_count}
            </td>
            <td data-name="You are">{group.role}</td>
            <td data-name="Who can join">{whoJoins(group)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How many are in a group, in words. */
export function membersOf({ member_count }: Group): string {
  return member_count === 1 ? 'one member' : `${member_count.toLocaleString('en')} members`;
}

/** Who can become a member, in words. */
export function whoJoins({ invite_only }: Group): string {
  return invite_only ? 'who is invited' : 'whoever has its id';
}
