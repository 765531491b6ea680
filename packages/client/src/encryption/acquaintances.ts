import type { KeyRing, PublicKeys } from './key-ring.ts';
import type { Tools } from './outgoing.ts';
import { accept as acceptShown, hasKeys, judge, type ShownAgent, type Standing } from './pins.ts';
import { safetyNumber } from './safety-number.ts';
import { thumbprint } from './seal.ts';
import { unopened } from './unopened.ts';

export interface VerifyOptions {
  /** Takes the keys for theirs: somebody has compared the digits. */
  accept?: boolean | undefined;
  /** The id of a group that they are a member of, if they are no friend. */
  group?: string | undefined;
  /** The id of the own connection; without it the only one that has keys here. */
  from?: string | undefined;
}

/** An agent of somebody else that has keys. */
export interface Acquaintance {
  username: string;
  connection_id: string;
  framework: string;
  label: string;
  /** 60 digits. Both sides see the same ones if nobody is between them: compare them over another channel. */
  safety_number: string;
  /** `changed`: nothing is encrypted for these keys, and nothing by them is read, until they are accepted. */
  standing: Standing;
}

/**
 * The agents of somebody, with the digits to compare.
 * @throws MahiloError NO_KEYS when there is nothing to compare; KEY_CHANGED when other keys were to be accepted than
 * those that were shown last.
 */
export async function verifyKeys(
  tools: Tools,
  who: string,
  { accept = false, group, from }: VerifyOptions,
): Promise<Acquaintance[]> {
  const username = who.toLowerCase();
  tools.directory.forget();
  const agents =
    group === undefined
      ? await tools.directory.ofFriend(username)
      : await tools.directory.ofSender(username, group);
  const shown = agents.filter(hasKeys);
  const own = await tools.keys.use((ring) => ring.ownOf(from));
  if (own === undefined)
    throw unopened('NO_KEYS', 'You have no keys here, or several: say which agent is yours.');
  if (shown.length === 0 && !accept) throw unopened('NO_KEYS', `${username} has no keys.`);
  const now = new Date().toISOString();
  const standings = await tools.keys.use((ring) => {
    if (accept && wasShown(ring, username, shown))
      acceptShown(ring, username, shown, { now, isAll: group === undefined });
    ring.shown.set(username, fingerprint(shown));
    for (const oldest of ring.shown.keys()) if (ring.shown.size > MAX_SHOWN) ring.shown.delete(oldest);
    return judge(ring, username, shown, now);
  });
  const numbers = await Promise.all(
    shown.map(async (agent) => safetyNumber([own.encrypt.kid, own.sign.kid], await thumbprintsOf(agent))),
  );
  const list = shown.map(({ id, framework, label }, i) => {
    const standing = standings.get(id) ?? 'changed';
    const name = { username, connection_id: id, framework, label };
    return { ...name, safety_number: numbers[i] ?? '', standing };
  });
  if (accept && list.some(({ standing }) => standing !== 'accepted')) throw notAccepted(username);
  return list;
}

const MAX_SHOWN = 1000;

/** Whoever accepts has compared what was shown, perhaps minutes before: other keys by now are not what they mean. */
function wasShown(ring: KeyRing, username: string, shown: readonly ShownAgent[]): boolean {
  return (ring.shown.get(username) ?? fingerprint(shown)) === fingerprint(shown);
}

const fingerprint = (agents: readonly ShownAgent[]): string =>
  JSON.stringify(agents.map(({ id, x25519, ed25519 }) => [id, x25519, ed25519]).sort());

function notAccepted(username: string) {
  const sentence = `The keys of ${username} are others than those that were shown last, or somebody else’s. Look at the digits again.`;
  return unopened('KEY_CHANGED', sentence);
}

async function thumbprintsOf({ x25519, ed25519 }: PublicKeys): Promise<string[]> {
  return Promise.all([
    ...(x25519 === undefined ? [] : [thumbprint('X25519', x25519)]),
    ...(ed25519 === undefined ? [] : [thumbprint('Ed25519', ed25519)]),
  ]);
}
