import type { Caller } from '../access/caller.ts';
import { findByName } from '../agents/connections.ts';
import { registerAgent } from '../agents/register-agent.ts';
import type { ApiDeps } from '../deps.ts';

const LABEL = 'mailbox';
/** The mailbox of hosts, and else that of the `mahilo` command: with two of them a person's mail came to the other one. */
const FRAMEWORKS = ['mcp', 'cli'] as const;

/**
 * The connection whose messages a caller's MCP hosts read and whose answers they send: with a key of one agent that
 * agent, else a polling connection that is made when it is missing. Leaves one that exists as it is.
 * @returns its id.
 * @throws MahiloError QUOTA_EXCEEDED, UNAUTHORIZED
 */
export async function mailboxOf(deps: ApiDeps, caller: Caller): Promise<string> {
  if (caller.connectionId !== null) return caller.connectionId;
  for (const framework of FRAMEWORKS) {
    const existing = await findByName(deps.db.kysely, caller.id, framework, LABEL);
    if (existing !== undefined) return existing.id;
  }
  const mailbox = { framework: FRAMEWORKS[0], label: LABEL, mode: 'polling' } as const;
  return (await registerAgent(deps, caller, mailbox)).connectionId;
}
