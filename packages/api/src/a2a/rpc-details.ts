import type { MahiloError } from '@mahilo/shared/errors';

/** Whose codes they are: this product's, as its REST API answers them. */
const DOMAIN = 'mahilo';

/** An error of ours as A2A puts errors into `data`: `google.rpc.ErrorInfo` (A2A 1.0 §9.5). */
export function detailsOf({ code, details = [], retryAfterSeconds }: MahiloError, requestId: string) {
  const metadata: Record<string, string> = { request_id: requestId };
  for (const { path, message } of details) metadata[path] = message;
  if (retryAfterSeconds !== undefined) metadata['retry_after'] = String(retryAfterSeconds);
  return [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code, domain: DOMAIN, metadata }];
}
