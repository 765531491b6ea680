import './operator.css';
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { Asking, typed } from './asking.tsx';
import { type CreatedInvite, type Invite, useInvites } from './queries.ts';
import { ShownOnce } from './shown-once.tsx';

/** Who may register. */
export function InvitationsPage() {
  const { cursor } = useFilters().query;
  const invites = useInvites({ cursor });
  return (
    <Page title="Invitations">
      <p>
        Where <code>REGISTRATION</code> is <code>invite</code>, people need one to register.
      </p>
      <div class="actions">
        <NewInvitation />
      </div>
      <Loaded query={invites}>
        {({ items, next }) => (
          <>
            {items.length === 0 && <p>Nobody is invited.</p>}
            {items.length > 0 && <Table invites={items} />}
            <Pager next={next} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Table({ invites }: { invites: readonly Invite[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col">State</th>
          <th scope="col">Used</th>
          <th scope="col">Ends</th>
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {invites.map((invite) => (
          <tr key={invite.id}>
            <th scope="row">
              <Text>{invite.note ?? 'somebody'}</Text>
              <span class="fine">
                Made <Time at={invite.created_at} />
              </span>
            </th>
            <td data-name="State">
              <span class={`state ${invite.status === 'open' ? 'well' : 'over'}`}>
                <span aria-hidden="true">{invite.status === 'open' ? '●' : '○'}</span> {invite.status}
              </span>
            </td>
            <td data-name="Used" class="number">{`${invite.used} of ${invite.uses}`}</td>
            <td data-name="Ends">
              <Time at={invite.expires_at} />
            </td>
            <td class="actions">
              {invite.status === 'open' && (
                <Action
                  label={`Revoke the invitation of ${invite.note ?? 'somebody'}`}
                  act={() => api('DELETE', `/admin/invites/${invite.id}`)}
                  done={() => 'It is revoked. Who has registered with it stays.'}
                  changes={['operator']}
                >
                  Revoke
                </Action>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewInvitation() {
  const [made, setMade] = useState<CreatedInvite>();
  return (
    <>
      <Asking
        word="Invite"
        kind="main"
        title="Invite people"
        yes="Invite"
        act={(fields) =>
          api<CreatedInvite>('POST', '/admin/invites', {
            body: {
              uses: Number(fields.get('uses')),
              days: Number(fields.get('days')),
              note: typed(fields, 'note'),
            },
          })
        }
        done={(invite) => {
          setMade(invite);
          return undefined;
        }}
      >
        <label>
          How many may register with it
          <input name="uses" type="number" min={1} max={100} required defaultValue="1" />
        </label>
        <label>
          For how many days
          <input name="days" type="number" min={1} max={365} required defaultValue="7" />
        </label>
        <label>
          Whom it is for; only operators see it
          <input name="note" maxLength={200} autocomplete="off" />
        </label>
      </Asking>
      {made !== undefined && (
        <ShownOnce
          title="The invitation"
          what="the link"
          text={`${location.origin}/console/#invite=${made.invite_token}`}
          close={() => setMade(undefined)}
        >
          Whoever has this link can register. It is shown only now; a program gives what stands behind the{' '}
          <code>=</code> as <code>invite_token</code>.
        </ShownOnce>
      )}
    </>
  );
}
