import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  /** Head and body as received. */
  text: string;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * One keep-alive connection that sends prepared requests, one at a time. It does so little that 64 of these
 * leave the processor to the measured side; a general HTTP client takes three times as much.
 */
export class HttpConnection implements Disposable {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #ended: Error | undefined;
  #received = '';
  #length = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The connection was closed.')));
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new HttpConnection(socket);
  }

  /** Sends a request (see `requestBytes`) and resolves with its answer. */
  request(bytes: string): Promise<Answer> {
    if (this.#waiting) throw new Error('A connection has one request at a time.');
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(bytes, 'latin1');
    });
  }

  #take(chunk: Buffer): void {
    this.#received =
      this.#received === '' ? chunk.toString('latin1') : this.#received + chunk.toString('latin1');
    if (this.#length === 0) this.#length = lengthOf(this.#received);
    if (this.#length === 0 || this.#received.length < this.#length) return;
    const text = this.#received;
    const waiting = this.#waiting;
    this.#received = '';
    this.#length = 0;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(text.slice(9, 12)), text });
  }

  #fail(error: Error): void {
    this.#ended = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Bytes of the whole answer, or 0 while its head is not complete. */
function lengthOf(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  if (length === undefined) throw new Error(`An answer without content-length:\n${text.slice(0, end)}`);
  return end + 4 + Number(length);
}
