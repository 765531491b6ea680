import { MahiloError } from '../mahilo-error.ts';
import { isToGroup } from '../send.ts';
import type { Novelty } from './journal.ts';
import type { KeyRing } from './key-ring.ts';
import { bare, type Openable, type Opened } from './opening.ts';
import { CIPHERTEXT, changed, type Tools } from './outgoing.ts';
import { judge } from './pins.ts';
import { type Claims, thumbprint, type Unverified, unseal, verified } from './seal.ts';
import { sha256 } from './sha256.ts';
import { unopened } from './unopened.ts';

/** How far (s) the clock of a sender may go before ours. */
const TOLERANCE_S = 300;
/** The message with its text, if it was encrypted, signed by its sender, for us, and is new. Never throws for a message. */
export async function openMessage<Message extends Openable>(
  tools: Tools,
  given: Message,
): Promise<Opened<Message>> {
  const message = bare(given);
  if (message.payload_type !== CIPHERTEXT) return { ...message, verified: false };
  try {
    return await opened(tools, message);
  } catch (error) {
    if (!(error instanceof MahiloError) || error.code === 'INVALID_KEYS') throw error;
    return { ...message, verified: false, unopened: { code: error.code, reason: error.message } };
  }
}

async function opened<Message extends Openable>(tools: Tools, message: Message): Promise<Opened<Message>> {
  const { own, people } = await tools.keys.use((ring) => ring);
  const unverified = await unseal(
    message.message,
    own.flatMap(({ encrypt, former }) => [encrypt, ...former]),
  );
  const { claims, jws, key } = unverified;
  const agent = own.find(({ encrypt, former }) => [encrypt, ...former].includes(key));
  checkAddress(message, claims, agent?.connectionId);
  const text = await verified(jws, await signerOf(tools, people, message, unverified));
  const novelty = await noteIn(tools, message, claims);
  const { correlation_id: _, in_response_to: __, context: ___, ...outside } = message as Message & Said;
  return {
    ...(outside as unknown as Message),
    ...saidIn(claims),
    message: text,
    payload_type: claims.cty ?? 'text/plain',
    verified: true,
    signed_at: new Date(claims.iat * 1000).toISOString(),
    ...(novelty === 'done' && { repeated: true as const }),
  };
}

type Said = Pick<Claims, 'correlation_id' | 'in_response_to' | 'context'>;

/** What the registry says of a message counts only where its sender has signed it. */
function saidIn({ correlation_id, in_response_to, context }: Claims): Said {
  return {
    ...(correlation_id !== undefined && { correlation_id }),
    ...(in_response_to !== undefined && { in_response_to }),
    ...(context !== undefined && { context }),
  };
}

/** @throws MahiloError WRONG_ADDRESS when the registry delivers it from or to somebody else. */
function checkAddress(message: Openable, { from, to }: Claims, ownConnectionId: string | undefined): void {
  const { sender_connection_id: sender, recipient_connection_id: recipient, group_id: groupId } = message;
  if (sender !== undefined && sender !== from)
    throw unopened('WRONG_ADDRESS', 'It was signed by another agent than the registry says.');
  const isOfGroup = groupId !== undefined || message.recipient_type === 'group';
  const isForGroup = to === groupId || (groupId === undefined && isToGroup({ to }));
  const isForAgent = to === ownConnectionId && to === (recipient ?? to);
  if (isOfGroup ? !isForGroup : !isForAgent)
    throw unopened('WRONG_ADDRESS', 'It was not written for this agent, or not for this group.');
}

const groupOf = ({ to }: Claims): string | undefined => (isToGroup({ to }) ? to : undefined);

/** @returns the Ed25519 key that its sender signs with. @throws MahiloError KEY_CHANGED, UNKNOWN_KEY */
async function signerOf(
  tools: Tools,
  people: KeyRing['people'],
  message: Openable,
  { kid, claims }: Unverified,
): Promise<string> {
  const username = message.sender.toLowerCase();
  const pinned = people.get(username)?.get(claims.from)?.ed25519;
  if (pinned !== undefined && (await thumbprint('Ed25519', pinned)) === kid) return pinned;
  const groupId = message.group_id ?? groupOf(claims);
  const shown = await shownOf(tools, username, groupId);
  const agent = shown.find(({ id }) => id === claims.from);
  if (agent?.ed25519 === undefined || (await thumbprint('Ed25519', agent.ed25519)) !== kid)
    throw unopened('UNKNOWN_KEY', `It is signed by a key that the registry does not show for ${username}.`);
  const now = new Date().toISOString();
  const standings = await tools.keys.use((ring) => judge(ring, username, shown, now));
  if (standings.get(agent.id) === 'changed') throw changed([username]);
  return agent.ed25519;
}

/** A member of a group may be a friend, whose agents are all shown, or none. */
async function shownOf({ directory }: Tools, username: string, groupId: string | undefined) {
  try {
    return await directory.ofSender(username, undefined);
  } catch (error) {
    const isNoFriend = error instanceof MahiloError && ['NOT_FRIENDS', 'USER_NOT_FOUND'].includes(error.code);
    if (!isNoFriend || groupId === undefined) throw error;
    return directory.ofSender(username, groupId);
  }
}

/** @throws MahiloError REPLAYED, STALE_MESSAGE */
async function noteIn({ keys }: Tools, message: Openable, claims: Claims): Promise<Novelty> {
  if (claims.iat > Date.now() / 1000 + TOLERANCE_S)
    throw unopened('STALE_MESSAGE', 'It is of the future, or one of the two clocks is wrong.');
  const entry = {
    at: claims.iat,
    key: (await sha256(claims.jti)).slice(0, JOURNAL_KEY_LENGTH),
    id: idOf(message),
    group: groupOf(claims),
  };
  const novelty = await keys.use((ring) => ring.journal.note(claims.from, entry));
  if (novelty === 'replayed') throw unopened('REPLAYED', 'It came before, under another id.');
  if (novelty === 'stale')
    throw unopened('STALE_MESSAGE', 'It is older than all that is remembered: it may have come before.');
  return novelty;
}

const JOURNAL_KEY_LENGTH = 22;
const MAX_ID = 100;

export const idOf = ({ message_id, id = '' }: Pick<Openable, 'message_id' | 'id'>): string =>
  (message_id ?? id).slice(0, MAX_ID);
