import type { components } from '@mahilo/client';

type Schemas = components['schemas'];
export type Agent = Schemas['Agent'];
export type Attempt = Schemas['BrowserLogin'];
export type Delivery = Schemas['Delivery'];
export type Friend = Schemas['Friend'];
export type Group = Schemas['Group'];
export type Ping = Schemas['Ping'];
export type Profile = Schemas['Profile'];
export type Requeued = Schemas['RecoveredAgent'];
export type Reviews = Schemas['Reviews'];
export type Session = Schemas['Session'];
export type StartedAttempt = Schemas['StartedBrowserLogin'];

type Method = 'GET' | 'POST' | 'DELETE';

/** An answer that is not 2xx, or none at all (status 0). The message is a sentence for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** To quote to the operator. */
  readonly requestId: string | undefined;

  constructor(status: number, code: string, message: string, requestId?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

interface Options {
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/** Asks the API, as whoever is signed in; `path` is below `/api/v1`. @throws ApiError */
export async function api<Answer>(
  method: Method,
  path: string,
  { body, headers }: Options = {},
): Promise<Answer> {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError(0, 'UNREACHABLE', 'The registry cannot be reached. Is this device online?');
  });
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  const { code = 'UNKNOWN', error = `The registry answers ${response.status}.`, request_id } = answer ?? {};
  throw new ApiError(response.status, code, error, request_id);
}
