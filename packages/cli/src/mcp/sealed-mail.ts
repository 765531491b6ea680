import { type Mahilo, MahiloError, type Sent } from '@mahilo/client';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { hasAnswered, reply } from '../reply.ts';
import type { Session } from '../session.ts';

/** Where the registry puts what a model cannot read, beside the result of check_inbox. */
const SEALED = 'mahilo/encrypted';
const MAX_WAIT_S = 25;

type Fields = Record<string, unknown>;
type Result = Fields & { _meta?: Fields; structuredContent?: unknown };

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/**
 * The answer of check_inbox with the texts of what is encrypted, where the keys are here. Whether a message is verified is
 * for nobody else to say.
 */
export async function withTexts(mahilo: Mahilo, message: JSONRPCMessage): Promise<JSONRPCMessage> {
  if (!('result' in message)) return message;
  const { _meta: { [SEALED]: sealed, ...meta } = {}, ...result } = message.result as Result;
  const { structuredContent } = result;
  const messages = isFields(structuredContent) ? structuredContent['messages'] : undefined;
  if (!Array.isArray(messages)) return message;
  const opened = new Map<unknown, Fields>();
  try {
    for (const delivery of Array.isArray(sealed) ? sealed : [])
      if (isFields(delivery)) opened.set(delivery['delivery_id'], await open(mahilo, delivery));
  } catch (error) {
    return { ...message, result: { ...result, _meta: meta, ...refusal(error) } } as JSONRPCMessage;
  }
  const shown = messages.filter(isFields).map((mail) => mailWith(mail, opened));
  const structured = { ...(structuredContent as Fields), messages: shown };
  const content = [{ type: 'text', text: JSON.stringify(structured) }];
  const answer = { ...result, _meta: meta, content, structuredContent: structured };
  return { ...message, result: answer } as JSONRPCMessage;
}

const open = async (mahilo: Mahilo, delivery: Fields): Promise<Fields> =>
  (await mahilo.open(delivery as unknown as Parameters<Mahilo['open']>[0])) as unknown as Fields;

/** A message as the model is shown it: what its sender signed, not what the registry says of it. */
function mailWith(mail: Fields, opened: ReadonlyMap<unknown, Fields>): Fields {
  const text = opened.get(mail['delivery_id']);
  if (text === undefined) return { ...mail, verified: false };
  if (text['unopened'] !== undefined) return { ...mail, verified: false, unopened: text['unopened'] };
  const { how_to_read: _, ...rest } = mail;
  return {
    ...rest,
    from: text['sender'],
    message: text['message'],
    context: text['context'],
    topic: text['correlation_id'],
    in_response_to: text['in_response_to'],
    verified: true,
  };
}

/** The tools whose texts go out encrypted. */
export const isSendingTool = (name: unknown): name is 'send_message' | 'reply' =>
  name === 'send_message' || name === 'reply';

/**
 * Sends what a model says, encrypted wherever the other side has keys.
 * @returns the result of the tool; undefined when the registry has to say what is wrong with the arguments.
 */
export async function sendSealed(
  session: Session,
  tool: 'send_message' | 'reply',
  input: unknown,
  signal: AbortSignal,
): Promise<Fields | undefined> {
  const given = isFields(input) ? input : {};
  try {
    const sent =
      tool === 'reply' ? await answer(session, given, signal) : await message(session, given, signal);
    if (sent === undefined) return undefined;
    if (sent.status === 'rejected') return failure('REJECTED_BY_POLICY', sent.rejection_reason ?? '', sent);
    return { content: [{ type: 'text', text: JSON.stringify(sent) }], structuredContent: sent };
  } catch (error) {
    return refusal(error);
  }
}

/** What a person can do something about, as the keys' file that cannot be read. @throws what is anything else */
function refusal(error: unknown): Fields {
  if (!(error instanceof MahiloError)) throw error;
  return failure(error.code, error.message);
}

function failure(code: string, error: string, more: object = {}): Fields {
  const content = [{ type: 'text', text: `${code}: ${error}` }];
  return { isError: true, content, structuredContent: { ...more, code, error } };
}

async function message(
  { mahilo, from, hasKeys }: Session,
  input: Fields,
  signal: AbortSignal,
): Promise<Sent | undefined> {
  const [to, text] = [input['to'], input['message']];
  const names = ['context', 'agent', 'topic', 'idempotency_key'];
  const wait = input['wait_seconds'] ?? 0;
  const isRight =
    isText(to) &&
    isText(text) &&
    names.every((name) => input[name] === undefined || isText(input[name])) &&
    Number.isInteger(wait) &&
    Number(wait) >= 0 &&
    Number(wait) <= MAX_WAIT_S;
  if (!isRight) return undefined;
  const [context, agent, topic, idempotencyKey] = names.map((name) => input[name] as string | undefined);
  return mahilo.send({
    to,
    message: text,
    encrypt: hasKeys,
    waitSeconds: Number(wait),
    signal,
    ...(context !== undefined && { context }),
    ...(agent !== undefined && { agent }),
    ...(topic !== undefined && { topic }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(from !== undefined && { from }),
  });
}

async function answer(session: Session, input: Fields, signal: AbortSignal): Promise<Sent | undefined> {
  const [delivery, id, text] = [input['delivery_id'], input['message_id'], input['message']];
  if (!isText(delivery) || !isText(id) || !isText(text)) return undefined;
  // As the registry's own tool has it: a model that asks twice sends one answer.
  const { sent } = await reply(session, id, text, { idempotencyKey: `reply:${id}`, signal });
  if (hasAnswered(sent))
    await session.mahilo.request('POST', '/inbox/ack', { body: { delivery_ids: [delivery] } });
  return sent;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
