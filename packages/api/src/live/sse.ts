import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { destroySoon } from '../http/last-word.ts';
import { END, type EndCode, type EventStream, type Sink } from './event-stream.ts';
import { eventJson, type LiveEvent } from './live-event.ts';

/** Bytes that wait for a client, beside what the system buffers, before its stream reads nothing more from the log. */
const ROOM_BYTES = 16_384;

/** How soon (ms) a client should reconnect after its stream broke. */
const RETRY_MS = 2000;

/** Proxies must pass events on at once and unchanged (nginx: X-Accel-Buffering), and caches must not store them. */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** The body of an answer in the event stream format (html.spec.whatwg.org/multipage/server-sent-events.html §9.2.5). */
export class SseBody extends Readable implements Sink {
  stream: EventStream | undefined;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    super({ highWaterMark: ROOM_BYTES });
    this.#response = response;
    this.push(`retry: ${RETRY_MS}\n\n`);
  }

  send(event: LiveEvent): boolean {
    // JSON has no line breaks, so it is one line of data.
    return this.push(`id: ${event.id}\nevent: ${event.type}\ndata: ${eventJson(event)}\n\n`);
  }

  heartbeat(): void {
    this.push(': still here\n\n');
  }

  end(code: EndCode): void {
    if (code === END.tooSlow) {
      this.#response.destroy();
      return;
    }
    this.push(null);
    destroySoon(this.#response);
  }

  override _read(): void {
    this.stream?.drained();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stream?.close();
    done(error);
  }
}
