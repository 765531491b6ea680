import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import type { Feed } from '../live/feed.ts';
import type { SendMessage } from '../messages/send.ts';
import type { DecideReview } from '../plugin/decide-review.ts';
import type { CalledAgent } from './agent.ts';

/** What calls of agents work with: the use cases of the REST API. */
export interface A2aDeps extends ApiDeps {
  feed: Feed;
  sendMessage: SendMessage;
  decideReview: DecideReview;
}

/** One request to an agent. All that it needs comes with it, or is in the database. */
export interface Session {
  deps: A2aDeps;
  caller: Caller;
  agent: CalledAgent;
  request: FastifyRequest;
  reply: FastifyReply;
  isKeyValid(): Promise<boolean>;
}
