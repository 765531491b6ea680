import { type Agent, api } from '../api.ts';
import { Action } from '../parts/action.tsx';

/** Sends an agent a message from its owner. */
export function TestMessage({ agent }: { agent: Agent }) {
  return (
    <Action
      label={`Send a test message to ${agent.label}`}
      act={() => api('POST', `/agents/${agent.id}/test`)}
      done={() => 'A test message is on its way: see below what becomes of it.'}
      changes={['agents', 'deliveries']}
    >
      Send a test message
    </Action>
  );
}
