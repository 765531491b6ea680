/** A difference (ms) that the network makes, and a header that counts seconds. */
const TOLERATED_MS = 3000;

/** How far (ms) the registry's clock is ahead of this device's. */
let aheadMs = 0;

/** Takes from an answer what time it is at the registry: many a device's clock is wrong. */
export function noteClock({ headers }: Response): void {
  const difference = Date.parse(headers.get('date') ?? '') - Date.now();
  if (Number.isFinite(difference)) aheadMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** The time (ms) at the registry, whose times the page shows. */
export function registryNow(): number {
  return Date.now() + aheadMs;
}
