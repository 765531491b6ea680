import type { Caller } from '../access/caller.ts';
import { standingAgent } from '../agents/standing-agent.ts';
import type { ApiDeps } from '../deps.ts';

const MAILBOX = { framework: 'mcp', label: 'mailbox', mode: 'polling' } as const;
/** That of the `mahilo` command serves, too: with two of them a person's mail came to the other one. */
const OTHERS = ['cli'];

/**
 * The connection whose messages a caller's MCP hosts read and whose answers they send.
 * @returns its id.
 * @throws MahiloError QUOTA_EXCEEDED, UNAUTHORIZED
 */
export function mailboxOf(deps: ApiDeps, caller: Caller): Promise<string> {
  return standingAgent(deps, caller, MAILBOX, OTHERS);
}
