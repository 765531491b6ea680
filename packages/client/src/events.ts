import { createParser } from 'eventsource-parser';
import { type Connection, errorOf, jsonOf, reachable, textOf } from './connection.ts';
import { MahiloError } from './mahilo-error.ts';
import type { components } from './openapi.ts';
import { Patience } from './patience.ts';
import { pause } from './pause.ts';

/** Something that happened to you. New types may come: ignore those that you do not know. */
export type LiveEvent = components['schemas']['Event'];

export interface EventsOptions {
  /** The id of the last event that you have dealt with; `0` is the beginning of the log. Without it: from now on. */
  lastEventId?: string | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
}

/** The pause (ms) before a stream is opened again, until the registry says otherwise. */
const RECONNECT_MS = 2000;
/** Whatever it says: neither without a pause, nor as if it were gone. */
const [SHORTEST_RECONNECT_MS, LONGEST_RECONNECT_MS] = [250, 300_000];
/** A stream that is silent for so long (ms) is dead: there are heartbeats. */
const SILENCE_MS = 120_000;
const MAX_EVENT_CHARACTERS = 1_048_576;

interface Position {
  last: string | undefined;
  reconnectMs: number;
}

/**
 * Every event, each once and in order, however often the stream breaks. Each stream begins with a `connection` event.
 * @throws MahiloError on what no time mends, as a key that was replaced.
 */
export async function* events(
  connection: Connection,
  { lastEventId, signal }: EventsOptions,
): AsyncGenerator<LiveEvent, void, void> {
  const patience = new Patience(connection.retries, signal);
  const position: Position = { last: lastEventId, reconnectMs: RECONNECT_MS };
  while (!signal?.aborted) {
    try {
      for await (const event of read(connection, position, signal)) {
        patience.worked();
        if (signal?.aborted) return;
        position.last = event.id;
        yield event;
      }
    } catch (error) {
      await patience.failed(error);
    }
    await pause(position.reconnectMs * (0.5 + Math.random() / 2), signal).catch(() => undefined);
  }
}

/** The events of one stream, until it ends. */
async function* read(
  connection: Connection,
  position: Position,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveEvent, void, void> {
  const limit = new AbortController();
  const arrived: string[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ data }) => arrived.push(data),
    onRetry: (ms) => {
      position.reconnectMs = Math.min(Math.max(ms, SHORTEST_RECONNECT_MS), LONGEST_RECONNECT_MS);
    },
  });
  try {
    const decoder = new TextDecoder();
    const reader = await open(connection, position.last, signal, limit);
    for (;;) {
      const { done, value } = await soon(() => reader.read(), signal, limit);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const data of arrived.splice(0)) yield eventOf(data);
    }
  } finally {
    limit.abort();
  }
}

async function open(
  connection: Connection,
  last: string | undefined,
  signal: AbortSignal | undefined,
  limit: AbortController,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const headers = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) };
  const call = { method: 'GET', path: '/events', headers, signal };
  const response = await soon(() => connection.open(call, limit.signal), signal, limit);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!response.ok || !isStream || response.body === null) {
    const text = await soon(() => textOf(response), signal, limit);
    throw errorOf({ status: response.status, headers: response.headers, json: jsonOf(text) });
  }
  return response.body.getReader();
}

/** Ends what hears nothing for too long. */
async function soon<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
  limit: AbortController,
): Promise<Result> {
  const timer = setTimeout(() => limit.abort(new Error('nothing came for too long')), SILENCE_MS);
  try {
    return await reachable(work, signal);
  } finally {
    clearTimeout(timer);
  }
}

function eventOf(data: string): LiveEvent {
  const event = jsonOf(data);
  if (typeof event !== 'object' || event === null || !('id' in event) || !('type' in event)) {
    throw unexpected('An event is not of the form of a registry’s.');
  }
  return event as LiveEvent;
}

function unexpected(message: string): MahiloError {
  return new MahiloError('UNEXPECTED_ANSWER', message, { status: 200 });
}
