import { useLocation } from 'preact-iso/router';
import { type Agent, api } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Text } from '../parts/page.tsx';

/** Deletes an agent, once its owner has read what goes with it. */
export function DeleteAgent({ agent }: { agent: Agent }) {
  const { route } = useLocation();
  const { waiting } = agent.health;
  const lost = waiting === 1 ? 'One delivery waits' : `${waiting} deliveries wait`;
  return (
    <Confirm
      word="Delete"
      title={
        <>
          Delete <Text>{agent.label}</Text>?
        </>
      }
      yes="Delete it"
      no="Keep it"
      act={() => api('DELETE', `/agents/${agent.id}`).then(() => route('/console/agents'))}
      done={() => `${agent.label} is deleted.`}
      changes={['agents']}
    >
      {waiting === 0 ? 'Nothing waits for it.' : `${lost} for it and will be cancelled.`} Its keys end. Its
      history stays.
    </Confirm>
  );
}
