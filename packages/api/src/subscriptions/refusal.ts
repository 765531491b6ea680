/** The error codes that SEP-3415 gives servers of events, beside that of JSON-RPC for wrong parameters. */
export const RPC = {
  invalidParams: -32_602,
  notFound: -32_011,
  forbidden: -32_012,
  resourceExhausted: -32_013,
  unsupported: -32_014,
  callbackEndpoint: -32_015,
} as const;

/** Why a request about subscriptions is refused, in the protocol's words. */
export class SubscriptionRefusal extends Error {
  override name = 'SubscriptionRefusal';
  readonly code: number;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(reason: keyof typeof RPC, message: string, data?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = RPC[reason];
    this.data = data;
  }
}

export function invalid(path: string, message: string): SubscriptionRefusal {
  return new SubscriptionRefusal('invalidParams', `${path} ${message}.`, { details: [{ path, message }] });
}
