import type { components } from '@mahilo/client';
import { noteClock } from './registry-clock.ts';

type Schemas = components['schemas'];
export type Agent = Schemas['Agent'];
export type AgentCheck = Schemas['AgentCheck'];
export type Attempt = Schemas['BrowserLogin'];
export type BlockedEvent = Schemas['BlockedEvent'];
export type Contact = Schemas['Contact'];
export type CreatedFriendLink = Schemas['CreatedFriendLink'];
export type CreatedGroupLink = Schemas['CreatedGroupLink'];
export type Delivery = Schemas['Delivery'];
export type DeliveryAttempt = Schemas['Attempt'];
export type Friend = Schemas['Friend'];
export type FriendLink = Schemas['FriendLink'];
export type FriendLinkMaker = Schemas['FriendLinkMaker'];
export type Friendship = Schemas['Friendship'];
export type Group = Schemas['Group'];
export type GroupLink = Schemas['GroupLink'];
export type GroupLinkShown = Schemas['GroupLinkShown'];
export type Key = Schemas['ApiKey'];
export type NewKey = Schemas['CreatedKey'];
export type Limit = Schemas['Limit'];
export type Message = Schemas['Message'];
export type MessageWithDeliveries = Schemas['MessageWithDeliveries'];
export type Member = Schemas['Member'];
export type NewAgent = Schemas['RegisteredAgent'];
export type Ping = Schemas['Ping'];
export type Policy = Schemas['Policy'];
/** Rules may come as an object, too. */
export type PolicyDraft = Omit<Schemas['PolicyDraft'], 'policy_content'> & {
  policy_content: string | object;
};
export type Profile = Schemas['Profile'];
export type Registered = Schemas['Registered'];
export type Requeued = Schemas['RecoveredAgent'];
export type Resent = Schemas['ResentMatching'];
export type Review = Schemas['Review'];
export type Sent = Schemas['SentMessage'];
export type Session = Schemas['Session'];
export type StartedAttempt = Schemas['StartedBrowserLogin'];
export type Thread = Schemas['Thread'];
export type TriedMessage = Schemas['TriedMessage'];
export type TriedSample = Schemas['TriedSample'];
export type WholeReview = Schemas['WholeReview'];

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export type ErrorDetail = Schemas['ErrorDetail'];

/** An answer that is not 2xx, or none at all (status 0). The message is a sentence for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** To quote to the operator. */
  readonly requestId: string | undefined;
  /** What is wrong with which field. */
  readonly details: readonly ErrorDetail[];

  constructor(
    status: number,
    code: string,
    message: string,
    { requestId, details = [] }: { requestId?: string; details?: readonly ErrorDetail[] } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.details = details;
  }
}

/** Signs the person in again, and says whether they have. */
let signInAgain: () => Promise<boolean> = async () => false;

/** How a person is asked to sign in again, where the API wants a recent sign-in. @returns what ends that. */
export function whenSignInIsOld(ask: () => Promise<boolean>): () => void {
  signInAgain = ask;
  return () => {
    signInAgain = async () => false;
  };
}

interface Options {
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/**
 * Asks the API, as whoever is signed in; `path` is below `/api/v1`. Where it takes a recent sign-in, lets the person sign
 * in again and goes on.
 * @throws ApiError
 */
export async function api<Answer>(method: Method, path: string, options: Options = {}): Promise<Answer> {
  try {
    return (await ask<Answer>(method, path, options)).answer;
  } catch (error) {
    const isOld = error instanceof ApiError && error.code === 'STEP_UP_REQUIRED';
    // Any other way in would end the session of an operator.
    if (!isOld || path.startsWith('/admin') || !(await signInAgain())) throw error;
    return (await ask<Answer>(method, path, options)).answer;
  }
}

/** A page of a list. */
export interface PageOf<Item> {
  items: Item[];
  /** The cursor of the next one, if there is one. A page may be empty, and not the last. */
  next: string | undefined;
}

/**
 * Asks for a page of a list.
 * @param itemsOf where the answer is no list but has one.
 * @throws ApiError
 */
export async function page<Item, Answer = Item[]>(
  path: string,
  itemsOf: (answer: Answer) => Item[] = (answer) => answer as Item[],
): Promise<PageOf<Item>> {
  const { answer, response } = await ask<Answer>('GET', path);
  const [, next] = /[?&]cursor=([\w-]+)[^>]*>; rel="next"/.exec(response.headers.get('link') ?? '') ?? [];
  return { items: itemsOf(answer), next };
}

/** How long (ms) an answer may take: what an API or a proxy has not answered by then, they never will. */
const PATIENCE_MS = 90_000;

async function ask<Answer>(
  method: Method,
  path: string,
  { body, headers }: Options = {},
): Promise<{ answer: Answer; response: Response }> {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(unanswered);
  noteClock(response);
  // Cut off on its way, it is as none; what a proxy says of an error may be anything.
  const answer = await response.json().catch(response.ok ? unanswered : () => undefined);
  if (response.ok) return { answer: answer as Answer, response };
  // What a policy forbids is told in another form.
  const sentence = answer?.rejection_reason ?? `The registry answers ${response.status}.`;
  const { code = 'UNKNOWN', error = sentence, request_id: requestId, details } = answer ?? {};
  throw new ApiError(response.status, code, error, { requestId, details });
}

/** @throws ApiError, always */
function unanswered(error: Error): never {
  if (error.name === 'TimeoutError') {
    const sentence = 'The registry does not answer. Look whether it was done before you try again.';
    throw new ApiError(0, 'TIMEOUT', sentence);
  }
  throw new ApiError(0, 'UNREACHABLE', 'The registry cannot be reached. Is this device online?');
}
