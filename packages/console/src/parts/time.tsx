import { useEffect, useState } from 'preact/hooks';
import { registryNow } from '../registry-clock.ts';

const TICK_MS = 10_000;
const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** The time (ms) at the registry, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(registryNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(registryNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A point in time, as far away as it is now; the exact one on demand. */
export function Time({ at }: { at: string }) {
  useNow(TICK_MS);
  return (
    <time dateTime={at} title={EXACT.format(new Date(at))}>
      {/* What has just happened is later than the last tick, and not to come. */}
      {relative(Date.parse(at) - registryNow())}
    </time>
  );
}

/** `ms` from now, in words. */
function relative(ms: number): string {
  if (Math.abs(ms) < 1000) return 'just now';
  const [unit, size] = UNITS.find(([, least]) => Math.abs(ms) >= least) ?? (['second', 1000] as const);
  return RELATIVE.format(Math.round(ms / size), unit);
}
