import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { isKeyStillValid, userOf } from '../auth/authenticate.ts';
import type { KeyCache } from '../auth/key-cache.ts';
import type { ApiDeps } from '../deps.ts';
import { clientGone } from '../http/client-gone.ts';
import type { Feed } from '../live/feed.ts';
import type { SendMessage } from '../messages/send.ts';
import type { EndpointVerifier } from '../subscriptions/endpoint-verifier.ts';
import { mailboxOf } from './mailbox.ts';

/** What the tools work with: the use cases of the REST API. */
export interface McpDeps extends ApiDeps {
  feed: Feed;
  keyCache: KeyCache;
  sendMessage: SendMessage;
}

/** One request to `/mcp`. The protocol has no other sessions: each request brings all that it needs. */
export interface Session {
  deps: McpDeps;
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
  /** The id of the connection that the caller's messages come to. @throws MahiloError QUOTA_EXCEEDED */
  mailbox(): Promise<string>;
  isKeyValid(): Promise<boolean>;
  verifier: EndpointVerifier;
}

export function sessionOf(
  deps: McpDeps,
  verifier: EndpointVerifier,
  request: FastifyRequest,
  reply: FastifyReply,
): Session {
  const caller = userOf(request);
  // The route asks for it, and then the tool.
  let mailbox: Promise<string> | undefined;
  return {
    deps,
    caller,
    request,
    reply,
    signal: clientGone(reply),
    mailbox: () => {
      mailbox ??= mailboxOf(deps, caller);
      return mailbox;
    },
    verifier,
    isKeyValid: () => isKeyStillValid(request, deps.keyCache),
  };
}
