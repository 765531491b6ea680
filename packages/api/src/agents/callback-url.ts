import { CallbackUrlError } from '@mahilo/shared/egress/url';
import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';

/**
 * Checks a callback URL as far as possible now; each delivery checks it again on every connection.
 * @returns the URL in its normal form.
 * @throws MahiloError INVALID_CALLBACK_URL
 */
export async function checkCallbackUrl({ egress }: ApiDeps, text: string): Promise<string> {
  try {
    return (await egress.check(text)).href;
  } catch (error) {
    if (!(error instanceof CallbackUrlError)) throw error;
    const details = [{ path: 'callback_url', message: error.message }];
    throw new MahiloError('INVALID_CALLBACK_URL', error.message, { details });
  }
}
