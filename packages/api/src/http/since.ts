import { MahiloError } from '@mahilo/shared/errors';

/** Numbers below are seconds, above milliseconds: as seconds it is the year 5138, as milliseconds March 1973. */
const FIRST_MILLISECONDS = 100_000_000_000;
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * A point in time, given as ISO 8601 or as Unix seconds or milliseconds, in ms.
 * @throws MahiloError INVALID_SINCE
 */
export function parseSince(given: string): number {
  if (/^\d{1,15}(\.\d+)?$/.test(given)) {
    const number = Number(given);
    return Math.floor(number < FIRST_MILLISECONDS ? number * 1000 : number);
  }
  const parsed = ISO.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(parsed)) {
    const message = 'must be an ISO 8601 time, or Unix seconds or milliseconds';
    throw new MahiloError('INVALID_SINCE', `since ${message}.`, { details: [{ path: 'since', message }] });
  }
  return parsed;
}
