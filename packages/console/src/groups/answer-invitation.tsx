import { api, type Group } from '../api.ts';
import { Action } from '../parts/action.tsx';

/** Joins a group that invites one, or declines. */
export function AnswerInvitation({ group: { group_id, name } }: { group: Group }) {
  return (
    <>
      <Action
        kind="main"
        label={`Join ${name}`}
        act={() => api('POST', `/groups/${group_id}/join`)}
        done={() => `You are in ${name}.`}
        changes={['groups', 'members']}
      >
        Join
      </Action>
      <Action
        label={`Decline ${name}`}
        act={() => api('DELETE', `/groups/${group_id}/leave`)}
        done={() => `You are not in ${name}.`}
        changes={['groups']}
      >
        Decline
      </Action>
    </>
  );
}
