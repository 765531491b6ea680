import type { ComponentChildren } from 'preact';
import { type Agent, api, type Ping } from '../api.ts';
import { Action } from '../parts/action.tsx';

/** What the words mean for whoever has to mend it. */
const FAILURES: Readonly<Record<NonNullable<Ping['error']>, string>> = {
  timeout: 'It did not answer in time.',
  refused_address: 'Its URL leads to an address that this registry may not call.',
  dns: 'The name in its URL does not resolve.',
  tls: 'Its certificate is not trusted: self-signed, of another name, or expired.',
  connection:
    'The registry does not get through to it. Is it running, and does a firewall let the registry in?',
};

interface PingAgentProps {
  agent: Agent;
  children: ComponentChildren;
}

/** Asks an agent for a sign of life, and tells what came of it. */
export function PingAgent({ agent, children }: PingAgentProps) {
  return (
    <Action act={() => api<Ping>('POST', `/agents/${agent.id}/ping`)} done={told} changes={['agents']}>
      {children}
    </Action>
  );
}

function told({ success, mode, latency_ms, status_code, error }: Ping): string {
  if (mode === 'polling') return 'It fetches its messages by itself: there is nothing to ping.';
  if (success) return `It answered ${status_code ?? ''} after ${latency_ms} ms.`;
  return error === undefined ? `It answered ${status_code}: look into its log.` : FAILURES[error];
}
