import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { App } from '../deps.ts';

/** How long (ms) a client may take to read the end of its answer. */
const LAST_WORD_MS = 1000;
/** The same for a client that is still sending the body of the request that was answered. */
const UNREAD_BODY_MS = 5000;

/**
 * Destroys a stream that was ended, unless the other side closes it in time: a client that never does must not hold a
 * socket, or a stop.
 */
export function destroySoon(
  ended: EventEmitter & { destroy(): unknown },
  withinMs: number = LAST_WORD_MS,
): void {
  const timer = setTimeout(() => ended.destroy(), withinMs);
  ended.once('close', () => clearTimeout(timer));
}

/**
 * Closes the connection of a request that was answered before its whole body came in two steps (RFC 9112 §9.6): Node
 * would close it at once, the unread bytes would make that a reset, and a reset takes from the client, or from a proxy
 * that is still sending, the answer that it has not read yet.
 */
export function registerLastWord(app: App): void {
  app.addHook('onSend', ({ raw }, _reply, _payload, done) => {
    // An injected request has no socket.
    if (!raw.complete && raw.socket instanceof Socket) closeAfterBody(raw, raw.socket);
    done();
  });
}

/** Node calls `destroySoon` when the last answer of a connection is written, and throws away what still comes. */
function closeAfterBody(request: IncomingMessage, socket: Socket): void {
  socket.destroySoon = () => {
    if (request.complete) {
      Socket.prototype.destroySoon.call(socket);
      return;
    }
    socket.end();
    destroySoon(socket, UNREAD_BODY_MS);
  };
}
