import type { Random } from '@mahilo/shared/random';

/** A new id of a bundle, or of what is decided about a message: a prefix, and 18 random characters (108 bits). */
export function resolutionId(prefix: 'res' | 'bundle', random: Random): string {
  return `${prefix}_${random.bytes(14).toString('base64url').slice(0, 18)}`;
}
