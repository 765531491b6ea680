import type { Socket } from 'node:net';
import type { Clock } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { App } from '../deps.ts';
import type { Budget, Holding } from './budget.ts';
import type { ClientAddresses } from './client-address.ts';
import { bareAnswer } from './error-handler.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Once all of it has arrived: its connection, which is at work then and not waited for. Undefined when that is not counted. */
    workingConnection: Connection | undefined;
  }
}

interface Connection {
  holding: Holding;
  /** Requests that have arrived and are not answered yet. */
  working: number;
}

export interface ConnectionDeps {
  clock: Pick<Clock, 'monotonicMs'>;
  addresses: ClientAddresses;
  budget: Budget;
  newRequestId: () => string;
}

/**
 * Keeps so many connections at once. One that waits for its client (nothing was asked yet, half a header, half a body, or
 * kept open after an answer) makes room for a newcomer when it is the longest of the address with the most. Those of a
 * trusted proxy are not counted: they stand for many clients, whom the proxy limits.
 */
export function registerConnections(
  app: App,
  { clock, addresses, budget, newRequestId }: ConnectionDeps,
): void {
  const open = new WeakMap<Socket, Connection>();
  app.server.on('connection', (socket) => {
    const { client, isTrusted } = addresses.peerOf(socket);
    if (isTrusted) return;
    try {
      const holding = budget.take({ userId: undefined, client }, 1, () => socket.destroy());
      open.set(socket, { holding, working: 0 });
      socket.once('close', () => holding.release());
    } catch (error) {
      if (!(error instanceof MahiloError)) throw error;
      // Who does not read it at once does not get it: a socket that waits is what there is no room for.
      socket.write(bareAnswer(newRequestId(), error));
      socket.destroySoon();
    }
  });
  app.decorateRequest('workingConnection', undefined);
  app.addHook('preValidation', (request, _reply, done) => {
    const connection = open.get(request.raw.socket);
    if (connection !== undefined) {
      request.workingConnection = connection;
      connection.working += 1;
      connection.holding.finish();
    }
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    const connection = request.workingConnection;
    if (connection !== undefined) {
      connection.working -= 1;
      if (connection.working === 0) connection.holding.resume(clock.monotonicMs());
    }
    done();
  });
}
