const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const CLOCK = String.raw`(?<clock>\d\d:\d\d:\d\d)`;

/** The three forms of an HTTP date (RFC 9110 §5.6.7); all of them are in UTC. */
const DATES: readonly RegExp[] = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${CLOCK} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) ${CLOCK} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) ${CLOCK} (?<year>\d{4})$`),
];
const FIFTY_YEARS = 50;
/** More seconds than any cap allows, and few enough to be added to a time. */
const LONGEST_S = 999_999_999;

/**
 * The delay (ms) that a `Retry-After` header asks for (RFC 9110 §10.2.3: seconds, or an HTTP date); undefined when there
 * is none or it makes no sense.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST_S) * 1000;
  const date = httpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

function httpDate(text: string, now: number): number | undefined {
  const groups = DATES.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  const { day = '', month = '', year = '', clock = '' } = groups ?? {};
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex === -1) return undefined;
  const [hours, minutes, seconds] = clock.split(':').map(Number);
  const date = Date.UTC(fullYear(year, now), monthIndex, Number(day), hours, minutes, seconds);
  return Number.isNaN(date) ? undefined : date;
}

/** Two digits mean the year that is at most 50 years ahead (RFC 9110 §5.6.7). */
function fullYear(year: string, now: number): number {
  if (year.length === 4) return Number(year);
  const present = new Date(now).getUTCFullYear();
  const sameCentury = present - (present % 100) + Number(year);
  return sameCentury > present + FIFTY_YEARS ? sameCentury - 100 : sameCentury;
}
