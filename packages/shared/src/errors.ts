/**
 * Every error code that the API answers, with its HTTP status. The list is part of the contract: a published code
 * keeps its meaning.
 */
export const ERROR_STATUS = {
  INVALID_REQUEST: 400,
  INVALID_JSON: 400,
  INVALID_USERNAME: 400,
  INVALID_APPROVAL_CODE: 400,
  INVALID_CALLBACK_URL: 400,
  INVALID_CAPABILITIES: 400,
  INVALID_OVERRIDE: 400,
  INVALID_POLICY: 400,
  INVALID_POLICY_CONTENT: 400,
  INVALID_ROLE: 400,
  INVALID_LOCAL_DECISION: 400,
  INVALID_QUERY: 400,
  INVALID_SELECTOR: 400,
  INVALID_SINCE: 400,
  OWNER_CANNOT_LEAVE: 400,
  UNSUPPORTED_RECIPIENT_TYPE: 400,
  UNAUTHORIZED: 401,
  BROWSER_LOGIN_TOKEN_REQUIRED: 401,
  INVALID_BROWSER_LOGIN_TOKEN: 401,
  BLOCKED: 403,
  FORBIDDEN: 403,
  INSUFFICIENT_SCOPE: 403,
  INVALID_FRIEND_LINK: 403,
  INVALID_GROUP_LINK: 403,
  INVALID_INVITE_TOKEN: 403,
  INVALID_SIGN_IN_LINK: 403,
  INVITE_REQUIRED: 403,
  LOGIN_ATTEMPT_DENIED: 403,
  NOT_FRIENDS: 403,
  NOT_MEMBER: 403,
  REGISTRATION_CLOSED: 403,
  STEP_UP_REQUIRED: 403,
  NOT_FOUND: 404,
  ROUTE_NOT_FOUND: 404,
  USER_NOT_FOUND: 404,
  CONNECTION_NOT_FOUND: 404,
  LOGIN_ATTEMPT_NOT_FOUND: 404,
  NO_CONNECTIONS: 404,
  GROUP_NOT_FOUND: 404,
  SENDER_CONNECTION_NOT_FOUND: 404,
  SOURCE_MESSAGE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  AGENT_EXISTS: 409,
  ALREADY_FRIENDS: 409,
  ALREADY_INVITED: 409,
  ALREADY_MEMBER: 409,
  CONNECTION_INACTIVE: 409,
  DELIVERY_NOT_SETTLED: 409,
  GROUP_EXISTS: 409,
  GROUP_FULL: 409,
  INVITE_TOKEN_EXHAUSTED: 409,
  LOCAL_DECISION_CONFLICT: 409,
  LOCAL_DECISION_REQUIRED: 409,
  LOCAL_DECISION_STALE: 409,
  LOGIN_ATTEMPT_ALREADY_APPROVED: 409,
  LOGIN_ATTEMPT_ALREADY_REDEEMED: 409,
  LOGIN_ATTEMPT_NOT_APPROVED: 409,
  NOT_POLLING: 409,
  REQUEST_EXISTS: 409,
  REVIEW_CLOSED: 409,
  REVIEW_DENIED: 409,
  STALE_KEY: 409,
  USERNAME_EXISTS: 409,
  LOGIN_ATTEMPT_EXPIRED: 410,
  PAYLOAD_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  EXPECTATION_FAILED: 417,
  IDEMPOTENCY_CONFLICT: 422,
  UPGRADE_REQUIRED: 426,
  QUOTA_EXCEEDED: 429,
  RATE_LIMITED: 429,
  TOO_MANY_STREAMS: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL_ERROR: 500,
  UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One mistake in a request: the field's path and what is wrong with it. */
export interface ErrorDetail {
  path: string;
  message: string;
}

/** The only error of this product that a caller should see: a stable code, a status, and a sentence for people. */
export class MahiloError extends Error {
  override name = 'MahiloError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: readonly ErrorDetail[] | undefined;
  /** Seconds after which trying again makes sense, for the `Retry-After` header. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: readonly ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/**
 * A fault that no restart mends: a person has to act, and the message says how. A process that meets one ends with
 * exit code 78, after which a supervisor leaves it alone.
 */
export class SetupError extends Error {
  override name = 'SetupError';
}

/** A 400 `INVALID_REQUEST` about one field. */
export function invalidField(path: string, message: string): MahiloError {
  return new MahiloError('INVALID_REQUEST', `${path} ${message}.`, { details: [{ path, message }] });
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
