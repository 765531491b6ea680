import type { Caller } from '../access/caller.ts';
import { findByName } from '../agents/connections.ts';
import { registerAgent } from '../agents/register-agent.ts';
import type { ApiDeps } from '../deps.ts';

const MAILBOX = { framework: 'mcp', label: 'mailbox' } as const;

/**
 * The connection whose messages a caller's MCP hosts read and whose answers they send: with a key of one agent that
 * agent, else a polling connection that is made when it is missing. Leaves one that exists as it is.
 * @returns its id.
 * @throws MahiloError QUOTA_EXCEEDED, UNAUTHORIZED
 */
export async function mailboxOf(deps: ApiDeps, caller: Caller): Promise<string> {
  if (caller.connectionId !== null) return caller.connectionId;
  const existing = await findByName(deps.db.kysely, caller.id, MAILBOX.framework, MAILBOX.label);
  if (existing !== undefined) return existing.id;
  const { connectionId } = await registerAgent(deps, caller, { ...MAILBOX, mode: 'polling' });
  return connectionId;
}
