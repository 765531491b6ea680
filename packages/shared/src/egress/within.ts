/** The value of a promise, or `late` when it takes longer than `ms`. Rejects as the promise does. */
export async function within<T>(promise: Promise<T>, ms: number, late: T): Promise<T> {
  const { promise: expiry, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(resolve, ms, late);
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
