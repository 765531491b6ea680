import type { Connection } from '../connection.ts';
import { MahiloError } from '../mahilo-error.ts';
import { items } from '../pages.ts';
import { CONNECTION_ID, isToGroup, type SendOptions, type Sent, send } from '../send.ts';
import type { Directory } from './directory.ts';
import type { KeyRing, Keys, OwnKeys } from './key-ring.ts';
import { judge, type ShownAgent, type Standing } from './pins.ts';
import { type Claims, KEY_ALG, seal, thumbprint } from './seal.ts';
import { sha256 } from './sha256.ts';
import { unopened } from './unopened.ts';

export const CIPHERTEXT = 'application/mahilo+ciphertext';

/** How a message was sent that could be encrypted. */
export interface Encrypted {
  /** Whether nobody but its recipients can read it. */
  encrypted: boolean;
  /** Whose keys were seen for the first time: nobody knows yet whether they are theirs. */
  first_use?: string[];
}

/** What encryption works with. */
export interface Tools {
  connection: Connection;
  keys: Keys;
  directory: Directory;
  /** The own username. */
  me(): Promise<string>;
}

/** Whom a message is encrypted for. */
interface Audience {
  /** The connection, or the group. */
  to: string;
  /** The own connection whose keys the members of the group are shown. */
  from?: string | undefined;
  isGroup: boolean;
  x25519: string[];
  firstUse: string[];
}

/**
 * Sends so that nobody else can read it: with `true` where the other side has keys, with `required` or not at all.
 * @throws MahiloError KEY_CHANGED, NO_KEYS, and those of a send
 */
export async function sendEncrypted(tools: Tools, given: SendOptions): Promise<Sent & Encrypted> {
  if (given.encryption !== undefined || given.senderSignature !== undefined)
    throw new TypeError('What encrypts itself needs no encrypt.');
  const options = { ...given, idempotencyKey: given.idempotencyKey ?? crypto.randomUUID() };
  const isRepeatable = given.idempotencyKey !== undefined;
  for (let again = false; ; again = true) {
    try {
      return await sendOnce(tools, options, isRepeatable);
    } catch (error) {
      // The keys were changed in between: what they are now is looked at again.
      const isStale = error instanceof MahiloError && error.code === 'STALE_KEY';
      if (!isStale || again) throw error;
      await tools.keys.use((ring) => ring.forgetSent(options.idempotencyKey));
    }
  }
}

type KeyedOptions = SendOptions & { idempotencyKey: string };

async function sendOnce(
  tools: Tools,
  options: KeyedOptions,
  isRepeatable: boolean,
): Promise<Sent & Encrypted> {
  const { encrypt: _, message, context, payloadType, ...rest } = options;
  const audience = isToGroup(options) ? await groupOf(tools, options) : await friendOf(tools, options);
  if (audience === undefined) {
    const open = { ...rest, message, ...(context !== undefined && { context }) };
    const sent = await send(tools.connection, { ...open, ...(payloadType !== undefined && { payloadType }) });
    return { ...sent, encrypted: false };
  }
  const own = await tools.keys.use(
    (ring) => ring.ownOf(options.from ?? audience.from) ?? ring.ownOf(options.from),
  );
  if (own?.connectionId === undefined)
    throw unopened(
      'KEYS_ELSEWHERE',
      'The agent that sends has no keys here: connect it with them, or name it.',
    );
  const sealed = await sealedFor(tools, options, { own, from: own.connectionId, audience, isRepeatable });
  const keyId = audience.isGroup ? undefined : await thumbprint('X25519', audience.x25519[0] ?? '');
  const sent = await send(tools.connection, {
    ...rest,
    message: sealed,
    payloadType: CIPHERTEXT,
    encryption: { alg: KEY_ALG, ...(keyId !== undefined && { key_id: keyId }) },
    from: own.connectionId,
    ...(audience.isGroup ? { to: audience.to, group: true } : { agent: audience.to }),
  }).catch((error: unknown) => {
    throw tooLarge(error, sealed, audience) ?? error;
  });
  if (audience.isGroup) await tools.keys.use((ring) => ring.noteGroup(audience.to));
  const { firstUse } = audience;
  return { ...sent, encrypted: true, ...(firstUse.length > 0 && { first_use: firstUse }) };
}

/** What the registry takes counts with all its keys: who wrote a short text would not know why it is too long. */
function tooLarge(error: unknown, sealed: string, { x25519 }: Audience): MahiloError | undefined {
  if (!(error instanceof MahiloError) || error.code !== 'PAYLOAD_TOO_LARGE') return undefined;
  const sentence = `Encrypted for ${x25519.length === 1 ? 'its recipient' : `${x25519.length} members`} the message has ${sealed.length} bytes, more than the registry takes.`;
  return new MahiloError(error.code, sentence, { ...error, cause: error });
}

interface Sealing {
  own: OwnKeys;
  from: string;
  audience: Audience;
  /** Somebody may repeat the send under its idempotency key, and must then send the same bytes. */
  isRepeatable: boolean;
}

async function sealedFor(
  { keys }: Tools,
  options: KeyedOptions,
  { own, from, audience, isRepeatable }: Sealing,
): Promise<string> {
  const { message, idempotencyKey: jti, payloadType, topic, inResponseTo, context } = options;
  const about = { correlation_id: topic, in_response_to: inResponseTo, context };
  const cty = payloadType === 'text/plain' ? undefined : payloadType;
  const claims: Claims = { from, to: audience.to, iat: Date.now() / 1000, jti, cty, ...about };
  if (!isRepeatable) return seal(message, claims, own.sign, audience.x25519);
  const digest = await sha256(JSON.stringify([message, from, audience.to, cty, about]));
  const before = await keys.use((ring) => ring.sentBefore(jti, digest));
  if (before !== undefined) return before;
  const sealed = await seal(message, claims, own.sign, audience.x25519);
  // Another call may have been faster.
  return keys.use((ring) => ring.sentBefore(jti, digest) ?? ring.noteSent({ key: jti, digest, sealed }));
}

/** @returns undefined when they have no keys, and never had. @throws MahiloError KEY_CHANGED, NO_KEYS */
async function friendOf(tools: Tools, options: KeyedOptions): Promise<Audience | undefined> {
  const { agent, inResponseTo, encrypt } = options;
  const username = options.to.toLowerCase();
  const agents = await tools.directory.ofFriend(username);
  const { standings, isKnown, answered } = await tools.keys.use((ring) => ({
    standings: judge(ring, username, agents, new Date().toISOString()),
    isKnown: ring.people.has(username),
    answered: inResponseTo === undefined ? undefined : ring.journal.senderOf(inResponseTo)?.from,
  }));
  const isTrusted = ({ id, x25519 }: ShownAgent) =>
    x25519 !== undefined && standings.has(id) && standings.get(id) !== 'changed';
  const possible = preferred(agents, agent, answered);
  const chosen = possible.find(isTrusted);
  if (chosen?.x25519 !== undefined) {
    const firstUse = standings.get(chosen.id) === 'first_use' ? [username] : [];
    return { to: chosen.id, isGroup: false, x25519: [chosen.x25519], firstUse };
  }
  if (possible.some(({ id }) => standings.has(id))) throw changed([username]);
  if (isKnown && !agents.some(isTrusted))
    throw changed([username], 'had keys, and the registry shows them no more');
  // Else a registry could show an agent without keys, and read along.
  if (isKnown) throw unopened('NO_KEYS', `This agent of ${username} has no keys to encrypt with.`);
  if (encrypt === 'required') throw unopened('NO_KEYS', `${username} has no keys to encrypt with.`);
  return undefined;
}

/** The best first: the agent that is named, else the one that is answered, else as the registry ranks them. */
function preferred(
  agents: readonly ShownAgent[],
  named: string | undefined,
  answered: string | undefined,
): ShownAgent[] {
  if (named !== undefined && CONNECTION_ID.test(named)) return agents.filter(({ id }) => id === named);
  const labelled = agents.filter(({ label }) => label === named);
  if (labelled.length > 0) return labelled;
  return [...agents].sort((one, other) => Number(other.id === answered) - Number(one.id === answered));
}

/** @returns undefined when not all have keys. @throws MahiloError KEY_CHANGED, NO_KEYS */
async function groupOf(tools: Tools, { to, encrypt }: KeyedOptions): Promise<Audience | undefined> {
  const [groupId, me] = await Promise.all([groupIdOf(tools, to), tools.me()]);
  const members = await tools.directory.ofGroup(groupId);
  const from = members.find(({ username }) => username === me)?.agent?.id;
  const reached = members.flatMap(({ username, agent }) =>
    agent === undefined || username === me ? [] : { username, agent },
  );
  const { wasEncrypted, standings } = await tools.keys.use((ring) => ({
    wasEncrypted: ring.isEncrypted(groupId),
    standings: standingsIn(ring, reached),
  }));
  const of = (standing: Standing | undefined) =>
    reached.filter((_, i) => standings[i] === standing).map(({ username }) => username);
  if (of('changed').length > 0) throw changed(of('changed'));
  const without = reached.filter(({ agent }) => agent.x25519 === undefined).map(({ username }) => username);
  if (without.length > 0 || reached.length === 0) {
    if (!wasEncrypted && encrypt !== 'required') return undefined;
    if (without.length === 0)
      throw unopened('NO_KEYS', 'No other member of the group has an agent with keys.');
    throw unopened('NO_KEYS', `Not all members of the group have keys: ${named(without)}.`);
  }
  const x25519 = reached.flatMap(({ agent }) => agent.x25519 ?? []);
  return { to: groupId, from, isGroup: true, x25519, firstUse: of('first_use') };
}

function standingsIn(
  ring: KeyRing,
  reached: readonly { username: string; agent: ShownAgent }[],
): (Standing | undefined)[] {
  const now = new Date().toISOString();
  return reached.map(({ username, agent }) => {
    // Who had keys does not lose them unnoticed.
    const isGone = agent.x25519 === undefined && ring.people.get(username)?.get(agent.id) !== undefined;
    return isGone ? 'changed' : judge(ring, username, [agent], now).get(agent.id);
  });
}

/** A message of the history names its group. @throws MahiloError GROUP_NOT_FOUND */
async function groupIdOf({ connection }: Tools, to: string): Promise<string> {
  if (isToGroup({ to })) return to;
  for await (const group of items(connection, '/groups', undefined)) {
    const { group_id: id, name } = group as { group_id: string; name: string };
    if (name.toLowerCase() === to.toLowerCase()) return id;
  }
  throw unopened('GROUP_NOT_FOUND', 'You are in no such group.');
}

export function changed(usernames: readonly string[], how = 'has other keys than before'): MahiloError {
  return unopened(
    'KEY_CHANGED',
    `${named(usernames)} ${how}. Compare the digits with them, and accept the keys.`,
  );
}

const MAX_NAMED = 5;

function named(usernames: readonly string[]): string {
  const more = usernames.length - MAX_NAMED;
  return [...usernames.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
