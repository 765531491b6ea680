import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { findByName } from './connections.ts';
import { registerAgent } from './register-agent.ts';
import type { RegisterAgent } from './schemas.ts';

/**
 * The connection in whose name a protocol's clients act: with a key of one agent that agent, else the caller's of this
 * name, which is made when it is missing. Leaves one that exists as it is.
 * @param others frameworks whose connection of the same label serves, too, when there is none of its own.
 * @returns its id.
 * @throws MahiloError QUOTA_EXCEEDED, UNAUTHORIZED
 */
export async function standingAgent(
  deps: ApiDeps,
  caller: Caller,
  agent: RegisterAgent & { label: string },
  others: readonly string[] = [],
): Promise<string> {
  if (caller.connectionId !== null) return caller.connectionId;
  for (const framework of [agent.framework, ...others]) {
    const existing = await findByName(deps.db.kysely, caller.id, framework, agent.label);
    if (existing !== undefined) return existing.id;
  }
  return (await registerAgent(deps, caller, agent)).connectionId;
}
