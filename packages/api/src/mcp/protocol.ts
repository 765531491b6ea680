import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyReply } from 'fastify';
import type { Message } from '../http/rpc-message.ts';
import { sendAnswer, toFetchRequest } from './message.ts';
import { serverFor } from './server.ts';
import type { Session } from './session.ts';
import { isListen, Subscriptions } from './subscriptions.ts';

/** What answers messages of the protocol, with the SDK. */
export class Protocol {
  readonly #subscriptions = new Subscriptions();

  /** @throws MahiloError what opening a subscription throws. */
  async answer(session: Session, message: Message): Promise<FastifyReply> {
    if (isListen(message)) return this.#subscriptions.open(session, message);
    const handler = createMcpHandler(({ era }) => serverFor(session, era));
    const asked = toFetchRequest(session.request, session.signal);
    return sendAnswer(session.reply, await handler.fetch(asked, { parsedBody: message }));
  }

  close(): Promise<void> {
    return this.#subscriptions.close();
  }
}
