import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { Told } from './fields.ts';

/**
 * Smaller numbers are seconds, larger ones milliseconds: as seconds this is the year 5138, as milliseconds March
 * 1973.
 */
const FIRST_MILLISECONDS = 100_000_000_000;
/** Later times (ms) have more than four digits in their year, which ISO 8601 and RFC 3339 leave to agreement. */
const AFTER_9999 = Date.UTC(10_000, 0);
const ISO = /^(\d{4}-\d{2}-\d{2})(?:(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

const DAY =
  '\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|[12]\\d))';
const TIME = 'T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]([01]\\d|2[0-3]):?[0-5]\\d)?';

/** What the document says of a text that {@link parseSince} reads. */
export const SINCE: Told = {
  examples: ['2026-11-23T20:00:00Z'],
  documented: { pattern: `^(\\d{1,14}(\\.\\d+)?|${DAY}(${TIME})?)$` },
};

/** A time, as {@link parseTime} reads it. @throws MahiloError INVALID_SINCE */
export function parseSince(given: string): number {
  const parsed = parseTime(given);
  if (parsed !== undefined) return parsed;
  const message = 'must be an ISO 8601 time, or Unix seconds or milliseconds';
  throw new MahiloError('INVALID_SINCE', `since ${message}.`, { details: [{ path: 'since', message }] });
}

/**
 * Parses a time, given as ISO 8601 (in UTC when it names no zone) or as Unix seconds or milliseconds.
 * @returns ms; undefined when it is no time, or after the year 9999.
 */
export function parseTime(given: string): number | undefined {
  const time = readTime(given);
  return time === undefined || time >= AFTER_9999 ? undefined : time;
}

function readTime(given: string): number | undefined {
  if (/^\d{1,15}(\.\d+)?$/.test(given)) {
    const number = Number(given);
    return Math.floor(number < FIRST_MILLISECONDS ? number * 1000 : number);
  }
  const [, date, time = 'T00:00', zone = 'Z'] = ISO.exec(given) ?? [];
  const parsed = Date.parse(`${date}${time}${zone}`);
  return Number.isNaN(parsed) || !isDay(date) ? undefined : parsed;
}

/** `Date.parse` would take 30 February for 1 March. */
function isDay(date = ''): boolean {
  const midnight = Date.parse(`${date}T00:00Z`);
  return !Number.isNaN(midnight) && isoTime(midnight).startsWith(date);
}
