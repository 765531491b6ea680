import type { Part } from '@a2a-js/sdk';
import { ContentTypeNotSupportedError } from '@a2a-js/sdk/errors';
import { invalidField } from '@mahilo/shared/errors';
import { assertShape } from '../http/json-shape.ts';
import { isObject, type Message } from '../http/rpc-message.ts';

const TEXT = 'text/plain';
const JSON_TYPE = 'application/json';
/** A part has one of them (A2A 1.0 §4.1.6). */
const CONTENTS = ['text', 'raw', 'url', 'data'];

/** What a message of ours says. */
export interface Content {
  body: string;
  payload_type: string;
}

/**
 * The message that consists of these parts. One part with data stays JSON; what is mixed becomes one text, with an empty
 * line between the parts.
 * @throws MahiloError INVALID_REQUEST, ContentTypeNotSupportedError for files
 */
export function contentOf(parts: readonly Part[]): Content {
  const texts = parts.map((part, at) => textOf(part, at));
  const body = texts.join('\n\n');
  if (body === '') throw invalidField('message.parts', 'must have a text or data');
  if (!body.isWellFormed()) throw invalidField('message.parts', 'must be well-formed Unicode text');
  const isData = parts.length === 1 && parts[0]?.content?.$case === 'data';
  return { body, payload_type: isData ? JSON_TYPE : TEXT };
}

/**
 * The parts as the client wrote them. The SDK makes a text of everything (`[object Object]`), and of a part with two
 * contents it keeps one: another message than the client's would be sent.
 * @throws MahiloError INVALID_REQUEST
 */
export function assertParts({ params }: Message): void {
  const message = isObject(params) ? params['message'] : undefined;
  const parts = isObject(message) ? message['parts'] : undefined;
  if (!Array.isArray(parts)) return;
  for (const [at, part] of parts.entries()) {
    if (!isObject(part)) continue;
    const text = part['text'] ?? '';
    const contents = CONTENTS.filter((name) => (part[name] ?? undefined) !== undefined);
    if (typeof text !== 'string' || contents.length > 1) {
      throw invalidField(`message.parts.${at}`, 'must have one content, and a text must be a string');
    }
  }
}

function textOf({ content }: Part, at: number): string {
  if (content?.$case === 'text' && typeof content.value === 'string') return content.value;
  if (content?.$case === 'data' && content.value !== undefined) return jsonOf(content.value, at);
  if (content?.$case === 'raw' || content?.$case === 'url') {
    throw new ContentTypeNotSupportedError('This registry carries texts and data (JSON), and no files.');
  }
  throw invalidField(`message.parts.${at}`, 'must be a text or data');
}

/** Of a number that is too large for JavaScript JSON has nothing but null. */
function jsonOf(data: unknown, at: number): string {
  return JSON.stringify(data, (_name, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw invalidField(`message.parts.${at}`, 'has a number that is too large');
  });
}

/** The one part that shows what a message says. */
export function partOf({ body, payload_type }: Content): Part {
  const data = payload_type === JSON_TYPE ? parsed(body) : undefined;
  const content =
    data === undefined
      ? ({ $case: 'text', value: body } as const)
      : ({ $case: 'data', value: data.value } as const);
  return { content, metadata: undefined, filename: '', mediaType: payload_type };
}

/** Undefined when the text is no JSON, or so deep that showing it would fail. */
function parsed(text: string): { value: unknown } | undefined {
  try {
    assertShape(Buffer.from(text));
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
