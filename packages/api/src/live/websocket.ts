import type { WebSocket, WebsocketPluginOptions } from '@fastify/websocket';
import { type Clock, isoTime } from '@mahilo/shared/clock';
import type { Random } from '@mahilo/shared/random';
import { END, type EndCode, type EventStream, type Sink } from './event-stream.ts';
import { eventJson, type LiveEvent } from './live-event.ts';

/** Bytes that wait for a client, beside what the system buffers, before its stream reads nothing more from the log. */
const ROOM_BYTES = 16_384;

/** Frames that wait for a client before it gets no more answers: each takes memory beside its bytes, however small it is. */
const ROOM_FRAMES = 100;

/** A client that has answered none of so many heartbeats, and has read nothing, is gone. */
const MAX_UNANSWERED = 2;

/** Most messages, pings and pongs from a client between two heartbeats; a ping a second is far below. */
const MAX_MESSAGES = 600;

/** Of a ping's payload: more than a client guesses that has not read it. */
const PING_BYTES = 8;

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
  readonly #random: Pick<Random, 'bytes'>;
  #isFull = false;
  /** Frames that the system has not taken yet. */
  #waitingFrames = 0;
  /** Whether something waited at the last heartbeat, and nothing has left since. */
  #isStuck = false;
  /** Payloads of the heartbeats since the last sign of life. */
  #unanswered: string[] = [];
  #messages = 0;

  constructor(socket: WebSocket, { clock, random }: { clock: Clock; random: Pick<Random, 'bytes'> }) {
    this.#socket = socket;
    this.#clock = clock;
    this.#random = random;
    socket.on('close', () => this.stream?.close());
    socket.on('error', () => socket.terminate());
    socket.on('pong', (data) => {
      // One that nobody asked for comes from a client that need not have read anything.
      if (this.#isInBounds() && this.#unanswered.includes(String(data))) this.#unanswered = [];
    });
    socket.on('ping', (data) => {
      if (this.#isInBounds()) this.#answer((done) => socket.pong(data, false, done));
    });
    socket.on('message', (data) => {
      if (this.#isInBounds() && isPing(String(data))) this.#answer((done) => socket.send(this.#pong(), done));
    });
  }

  send(event: LiveEvent): boolean {
    return this.#write((done) => this.#socket.send(eventJson(event), done));
  }

  heartbeat(): void {
    if (this.#isStuck) {
      this.stream?.end(END.tooSlow, 'The client does not read.');
      return;
    }
    if (this.#unanswered.length >= MAX_UNANSWERED) {
      this.stream?.end(END.tooSlow, 'The client does not answer.');
      return;
    }
    const payload = this.#random.bytes(PING_BYTES).toString('hex');
    this.#isStuck = this.#socket.bufferedAmount > 0;
    this.#unanswered.push(payload);
    this.#messages = 0;
    this.#write((done) => this.#socket.ping(payload, false, done));
  }

  end(code: EndCode, reason: string): void {
    // The closing handshake would wait behind what such a client does not read.
    if (code === END.tooSlow) this.#socket.terminate();
    else this.#socket.close(code, reason);
  }

  /** Sends a frame; `done` tells that the system has taken it. @returns whether there is room for more. */
  #write(send: (done: () => void) => void): boolean {
    this.#waitingFrames += 1;
    send(() => this.#taken());
    this.#isFull = this.#socket.bufferedAmount >= ROOM_BYTES;
    return !this.#isFull;
  }

  #taken(): void {
    this.#waitingFrames -= 1;
    this.#isStuck = false;
    if (!this.#isFull || this.#socket.bufferedAmount >= ROOM_BYTES) return;
    this.#isFull = false;
    // It does read: its answer to the heartbeat may still be queued.
    this.#unanswered = [];
    this.stream?.drained();
  }

  #pong(): string {
    return JSON.stringify({ type: 'pong', timestamp: isoTime(this.#clock.now()) });
  }

  /** Counts what a client sends. Disconnects a client that floods us. */
  #isInBounds(): boolean {
    this.#messages += 1;
    if (this.#messages <= MAX_MESSAGES) return true;
    this.stream?.end(END.tooMany, 'Too many messages.');
    return false;
  }

  /** Answers a client, unless it does not read its answers; the heartbeat ends one that goes on like that. */
  #answer(send: (done: () => void) => void): void {
    const hasRoom = !this.#isFull && this.#waitingFrames < ROOM_FRAMES;
    if (hasRoom && this.#socket.readyState === this.#socket.OPEN) this.#write(send);
  }
}

function isPing(text: string): boolean {
  try {
    return JSON.parse(text)?.type === 'ping';
  } catch {
    return false;
  }
}
