import type { KeyRing, Pin, PublicKeys } from './key-ring.ts';
import { unopened } from './unopened.ts';

/** People whose keys are remembered, and agents of each. */
const MAX_PEOPLE = 10_000;
const MAX_AGENTS = 200;

/** An agent as the registry shows it now. */
export interface ShownAgent extends PublicKeys {
  id: string;
  framework: string;
  label: string;
  status: string;
  routingPriority: number;
}

/**
 * How far keys are to be trusted: somebody compared the digits (`accepted`), they are as they were (`pinned`), nobody
 * had seen any of this person before (`first_use`), or they are others than before (`changed`).
 */
export type Standing = 'accepted' | 'pinned' | 'first_use' | 'changed';

export const hasKeys = ({ x25519, ed25519 }: PublicKeys): boolean =>
  x25519 !== undefined || ed25519 !== undefined;

const isSame = (one: PublicKeys, other: PublicKeys) =>
  one.x25519 === other.x25519 && one.ed25519 === other.ed25519;

/**
 * Compares what the registry shows of a person with what it showed before. The first time all of it is pinned: from
 * then on an agent that is new, or has other keys, is a change.
 * @returns the standing of each agent that has keys, by connection.
 * @throws MahiloError INVALID_KEYS when more people are known than can be remembered.
 */
export function judge(
  ring: KeyRing,
  username: string,
  shown: readonly ShownAgent[],
  now: string,
): Map<string, Standing> {
  const agents = shown.filter(hasKeys).slice(0, MAX_AGENTS);
  const known = ring.people.get(username);
  const pins = known ?? new Map<string, Pin>();
  const standings = new Map<string, Standing>();
  for (const agent of agents) {
    const standing = standingOf(ring, username, known, agent);
    standings.set(agent.id, standing);
    if (standing !== 'changed' && pins.size < MAX_AGENTS && !pins.has(agent.id)) {
      const { accepted } = known === undefined ? {} : (pinLike(known, agent) ?? {});
      pins.set(agent.id, pinOf(agent, now, accepted));
    }
  }
  if (known === undefined && pins.size > 0) pin(ring, username, pins);
  return standings;
}

function standingOf(
  ring: KeyRing,
  username: string,
  known: ReadonlyMap<string, Pin> | undefined,
  agent: ShownAgent,
): Standing {
  if (isSomebodyElses(ring, username, agent)) return 'changed';
  if (known === undefined) return 'first_use';
  const pinned = known.get(agent.id);
  // An agent that was connected anew has another id and the same keys.
  const like = pinned === undefined ? pinLike(known, agent) : isSame(pinned, agent) ? pinned : undefined;
  if (like === undefined) return 'changed';
  return like.accepted === undefined ? 'pinned' : 'accepted';
}

const pinLike = (pins: ReadonlyMap<string, Pin>, keys: PublicKeys): Pin | undefined =>
  [...pins.values()].find((pinned) => isSame(pinned, keys));

/** Who shows keys as those of two people passes off what the one says as the other's. */
function isSomebodyElses(ring: KeyRing, username: string, agent: ShownAgent): boolean {
  const isIn = (keys: PublicKeys) =>
    (agent.x25519 !== undefined && keys.x25519 === agent.x25519) ||
    (agent.ed25519 !== undefined && keys.ed25519 === agent.ed25519);
  const isOwn = ring.own.some(
    ({ connectionId, encrypt, sign }) =>
      connectionId === agent.id || isIn({ x25519: encrypt.x, ed25519: sign.x }),
  );
  if (isOwn) return true;
  for (const [name, pins] of ring.people)
    if (name !== username && (pins.has(agent.id) || [...pins.values()].some(isIn))) return true;
  return false;
}

/**
 * Takes what the registry shows now for what is right.
 * @param isAll the person has no other agents; else what is known of others stays.
 */
export function accept(
  ring: KeyRing,
  username: string,
  shown: readonly ShownAgent[],
  { now, isAll }: { now: string; isAll: boolean },
): void {
  const agents = shown.filter((agent) => hasKeys(agent) && !isSomebodyElses(ring, username, agent));
  const pins = new Map(isAll ? [] : ring.people.get(username));
  for (const agent of agents.slice(0, MAX_AGENTS)) pins.set(agent.id, pinOf(agent, now, now));
  if (pins.size === 0) ring.people.delete(username);
  else pin(ring, username, pins);
}

function pin(ring: KeyRing, username: string, pins: Map<string, Pin>): void {
  // To forget the oldest would let a registry change their keys unnoticed.
  if (!ring.people.has(username) && ring.people.size >= MAX_PEOPLE)
    throw unopened('INVALID_KEYS', `The keys of ${MAX_PEOPLE} people are remembered, and no more fit.`);
  ring.people.set(username, pins);
}

function pinOf({ x25519, ed25519 }: PublicKeys, since: string, accepted: string | undefined): Pin {
  return { x25519, ed25519, since, accepted };
}
