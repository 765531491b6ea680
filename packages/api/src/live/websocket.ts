import type { WebSocket, WebsocketPluginOptions } from '@fastify/websocket';
import { type Clock, isoTime } from '@mahilo/shared/clock';
import { END, type EndCode, type EventStream, type Sink } from './event-stream.ts';
import { eventJson, type LiveEvent } from './live-event.ts';

/** Bytes that wait for a client, beside what the system buffers, before its stream reads nothing more from the log. */
const ROOM_BYTES = 16_384;

/** A client that has answered none of so many heartbeats, and has read nothing, is gone. */
const MAX_UNANSWERED = 2;

/** Most messages from a client between two heartbeats; a ping a second is far below. */
const MAX_MESSAGES = 600;

export const WEBSOCKET_OPTIONS: WebsocketPluginOptions['options'] & { closeTimeout: number } = {
  // Clients send little more than "ping".
  maxPayload: 4096,
  // Events are small, and a compressor for each connection is large.
  perMessageDeflate: false,
  autoPong: false,
  // How long (ms) a client may take to answer the close.
  closeTimeout: 1000,
};

/** One client's WebSocket. */
export class WebSocketSink implements Sink {
  stream: EventStream | undefined;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #isFull = false;
  /** Heartbeats since the last sign of life. */
  #unanswered = 0;
  #messages = 0;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('close', () => this.stream?.close());
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('ping', (data) => this.#answer(() => socket.pong(data)));
    socket.on('message', (data) => {
      if (isPing(String(data))) this.#answer(() => this.#sendText(this.#pong()));
      else this.#answer(() => undefined);
    });
  }

  send(event: LiveEvent): boolean {
    return this.#sendText(eventJson(event));
  }

  heartbeat(): void {
    if (this.#unanswered >= MAX_UNANSWERED) {
      this.stream?.end(END.tooSlow, 'The client does not answer.');
      return;
    }
    this.#unanswered += 1;
    this.#messages = 0;
    this.#socket.ping();
  }

  end(code: EndCode, reason: string): void {
    // The closing handshake would wait behind what such a client does not read.
    if (code === END.tooSlow) this.#socket.terminate();
    else this.#socket.close(code, reason);
  }

  #sendText(text: string): boolean {
    const socket = this.#socket;
    socket.send(text, () => {
      if (!this.#isFull || socket.bufferedAmount >= ROOM_BYTES) return;
      this.#isFull = false;
      // It does read: its answer to the heartbeat may still be queued.
      this.#unanswered = 0;
      this.stream?.drained();
    });
    this.#isFull = socket.bufferedAmount >= ROOM_BYTES;
    return !this.#isFull;
  }

  #pong(): string {
    return JSON.stringify({ type: 'pong', timestamp: isoTime(this.#clock.now()) });
  }

  /** Answers a client, unless it does not read its answers. Disconnects a client that floods us. */
  #answer(send: () => void): void {
    this.#messages += 1;
    if (this.#messages > MAX_MESSAGES) this.stream?.end(END.tooMany, 'Too many messages.');
    else if (!this.#isFull && this.#socket.readyState === this.#socket.OPEN) send();
  }
}

function isPing(text: string): boolean {
  try {
    return JSON.parse(text)?.type === 'ping';
  } catch {
    return false;
  }
}
