import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';

/** An event as a client gets it. */
export interface Seen {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** A client of a stream. */
export interface Watcher extends AsyncDisposable {
  /** Events in order; the `connection` event is the first. */
  readonly seen: Seen[];
  /** Resolves when the stream is over, with a WebSocket's close code or 0. */
  readonly over: Promise<number>;
  /** Stops and resumes reading. */
  pause(): void;
  resume(): void;
  /** Drops the connection without closing it. */
  vanish(): void;
}

/** A kind of stream: its name, and how to open one. */
export interface Kind {
  name: string;
  watch(url: string, who: Client, after?: string): Promise<Watcher>;
}

/** The id of the last event that came. */
export const lastId = (watcher: Watcher): string => String(watcher.seen.at(-1)?.id);

/** Received events that are in the log. */
export const logged = (watcher: Watcher): Seen[] => watcher.seen.filter(({ type }) => type !== 'connection');

export class SseWatcher implements Watcher {
  readonly seen: Seen[] = [];
  /** The first bytes as received. */
  text = '';
  readonly over: Promise<number>;
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #rest = '';

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    this.over = new Promise((resolve) => response.on('close', () => resolve(0)));
    response.on('error', () => undefined);
  }

  static async open(url: string, headers: Record<string, string>): Promise<SseWatcher> {
    const request = get(`${url}`, { headers, agent: false });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on('response', resolve).on('error', reject);
    });
    return new SseWatcher(request, response);
  }

  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  vanish(): void {
    this.#request.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.vanish();
    await this.over;
  }

  /** Parses like an EventSource, as far as our events need (html.spec.whatwg.org, §9.2.6). */
  #read(chunk: string): void {
    if (this.text.length < 10_000) this.text += chunk;
    const blocks = `${this.#rest}${chunk}`.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields['data'] === undefined) continue;
      const event: Seen = JSON.parse(fields['data']);
      if (event.id !== fields['id'] || event.type !== fields['event'])
        throw new Error(`Not one event: ${block}`);
      this.seen.push(event);
    }
  }
}

export class WebSocketWatcher implements Watcher {
  readonly seen: Seen[] = [];
  readonly socket: WebSocket;
  readonly over: Promise<number>;

  constructor(url: string, headers: Record<string, string>) {
    this.socket = new WebSocket(url.replace('http', 'ws'), { headers });
    this.socket.on('message', (text) => this.seen.push(JSON.parse(String(text))));
    this.socket.on('error', () => undefined);
    this.over = new Promise((resolve) => this.socket.on('close', resolve));
  }

  /** Resolves when the first event is there, or never will be. */
  async begun(): Promise<void> {
    await eventually(() => this.seen.length > 0 || this.socket.readyState === this.socket.CLOSED);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  vanish(): void {
    this.socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.vanish();
    await this.over;
  }
}

export const bearer = ({ apiKey }: Client): Record<string, string> => ({ authorization: `Bearer ${apiKey}` });

export const SSE = {
  name: 'SSE',
  watch: (url: string, who: Client, after?: string): Promise<SseWatcher> =>
    SseWatcher.open(`${url}/api/v1/events`, {
      ...bearer(who),
      ...(after !== undefined && { 'last-event-id': after }),
    }),
};

export const WEBSOCKET = {
  name: 'WebSocket',
  watch: async (url: string, who: Client, after?: string): Promise<WebSocketWatcher> => {
    const query = after === undefined ? '' : `?last_event_id=${after}`;
    const watcher = new WebSocketWatcher(`${url}/api/v1/notifications/ws${query}`, bearer(who));
    await watcher.begun();
    return watcher;
  },
};

export const KINDS: readonly Kind[] = [SSE, WEBSOCKET];

/** Sends a wrong WebSocket handshake; `headers` corrects parts of it. @returns the HTTP answer. */
export async function upgrade(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; body: string }> {
  const asking = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', ...headers };
  const request = get(url, { headers: asking, agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, body };
}
