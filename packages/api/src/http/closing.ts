import type { Socket } from 'node:net';
import { MahiloError } from '@mahilo/shared/errors';
import type { App } from '../deps.ts';

/**
 * How often (ms) a stop closes what has become idle since it began: a connection whose request was answered before the
 * rest of its body came, for example.
 */
const CLOSE_IDLE_EVERY_MS = 100;

/**
 * Lets a stop end. Each answer that is given meanwhile is the last on its connection, new requests are refused, and
 * connections without any request are closed. Node itself closes idle ones only when the stop begins, and not those.
 */
export function registerClosing(app: App): void {
  let isClosing = false;
  const open = new Set<Socket>();
  const unused = new Set<Socket>();
  app.server.on('connection', (socket) => {
    open.add(socket);
    unused.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      unused.delete(socket);
    });
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
    // The server itself is closed when the connections of its own listening socket are; there are others beside.
    const timer = setInterval(() => {
      app.server.closeIdleConnections();
      if (!app.server.listening && open.size === 0) clearInterval(timer);
    }, CLOSE_IDLE_EVERY_MS).unref();
    done();
  });
  app.addHook('onRequest', (request, _reply, done) => {
    unused.delete(request.raw.socket);
    if (!isClosing) return done();
    const refusal = new MahiloError('UNAVAILABLE', 'The server is stopping.', { retryAfterSeconds: 1 });
    return done(refusal);
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done();
  });
}
