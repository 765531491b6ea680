import { type ErrorCode, MahiloError } from '../mahilo-error.ts';

/** Why an encrypted message, or an agreement on keys, is not what it should be. No registry has answered it. */
export function unopened(code: ErrorCode, sentence: string, cause?: unknown): MahiloError {
  return new MahiloError(code, sentence, { status: 0, cause });
}
