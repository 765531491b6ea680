/**
 * Preloaded into a worker: a few seconds after its start all its clocks jump ten minutes ahead. It deletes nothing before
 * the clock has agreed with the database for that long.
 */
const AFTER_MS = 5000;
const LATER_MS = 600_000;

const { now } = Date;
const monotonic = performance.now.bind(performance);
const begin = monotonic();
const later = () => (monotonic() - begin < AFTER_MS ? 0 : LATER_MS);
Date.now = () => now() + later();
performance.now = () => monotonic() + later();
