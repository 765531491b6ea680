import { MahiloError, type SendOptions, type Sent } from '@mahilo/client';
import { CIPHERTEXT } from './messages.ts';
import type { Session } from './session.ts';

export interface ReplyOptions {
  /** Answers in the open, whatever the message was. */
  plain?: boolean | undefined;
  waitSeconds?: number;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export interface Replied {
  sent: Sent & { encrypted?: boolean; first_use?: string[] };
  /** Of the message that is answered, to the caller. */
  deliveries: readonly { id: string; held_by?: string }[];
}

/**
 * Answers a message; in a group the answer goes to the group. What came encrypted is answered so, and to whom has signed
 * it, whoever it is from by the registry's word.
 * @throws MahiloError
 */
export async function reply(
  session: Session,
  id: string,
  text: string,
  options: ReplyOptions,
): Promise<Replied> {
  const { mahilo, from, hasKeys } = session;
  const { plain = false, ...rest } = options;
  const original = await mahilo.request('GET', `/messages/${encodeURIComponent(id)}`);
  const isEncrypted = original.payload_type === CIPHERTEXT;
  const to = isEncrypted && !plain ? await signedBy(session, original) : toWhom(original);
  const encrypt = plain ? false : isEncrypted ? 'required' : hasKeys;
  const own = { inResponseTo: id, ...(from !== undefined && { from }) };
  const sent = await mahilo.send({ message: text, encrypt, ...rest, ...to, ...own });
  return { sent, deliveries: original.deliveries };
}

/** What is held or refused has answered nothing yet. */
export const hasAnswered = ({ status }: Pick<Sent, 'status'>): boolean =>
  status !== 'rejected' && status !== 'review_required';

type Original = Parameters<Session['mahilo']['open']>[0] & {
  id: string;
  recipient: string;
  recipient_type: string;
  correlation_id?: string;
};

type ToWhom = Pick<SendOptions, 'to' | 'group' | 'topic'>;

function toWhom({ sender, recipient, recipient_type, correlation_id }: Original): ToWhom {
  const isGroup = recipient_type === 'group';
  const topic = correlation_id === undefined ? {} : { topic: correlation_id };
  return { to: isGroup ? recipient : sender, group: isGroup, ...topic };
}

/** @throws MahiloError when it cannot be opened, or was by somebody else when it was opened first. */
async function signedBy({ mahilo }: Session, original: Original): Promise<ToWhom> {
  const before = await mahilo.senderOf(original.id);
  const opened: Original & { unopened?: { code: MahiloError['code']; reason: string } } =
    await mahilo.open(original);
  if (opened.unopened !== undefined)
    throw new MahiloError(opened.unopened.code, opened.unopened.reason, { status: 0 });
  const sender = await mahilo.senderOf(original.id);
  const isSwapped = before !== undefined && before.username !== opened.sender.toLowerCase();
  if (isSwapped || sender === undefined) {
    const sentence =
      'The registry shows another message than the one that was opened, or it cannot be opened here.';
    throw new MahiloError('WRONG_ADDRESS', sentence, { status: 0 });
  }
  const topic = opened.correlation_id === undefined ? {} : { topic: opened.correlation_id };
  if (sender.group !== undefined) return { to: sender.group, group: true, ...topic };
  return { to: sender.username, group: false, ...topic };
}
