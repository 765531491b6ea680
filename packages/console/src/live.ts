import { useQueryClient } from '@tanstack/preact-query';
import { useEffect } from 'preact/hooks';
import { KEYS } from './queries.ts';

/** What an event makes old, by its type. */
const CHANGES: Readonly<Record<string, readonly (keyof typeof KEYS)[]>> = {
  // The first of each stream: what came between the last look and it is told by no other.
  connection: ['agents', 'deliveries', 'requests', 'groups', 'reviews'],
  message_received: ['agents', 'deliveries'],
  delivery_status: ['agents', 'deliveries'],
  agent_failing: ['agents', 'deliveries'],
  agent_suspended: ['agents', 'deliveries'],
  friend_request: ['requests'],
  friend_accepted: ['requests'],
  group_invite: ['groups'],
  group_join: ['groups'],
  group_leave: ['groups'],
  review_required: ['reviews'],
  review_closed: ['reviews'],
};
/** Events that come together are one reason to look again, once in so long (ms). */
const GATHERED_MS = 1000;
const NAME = 'mahilo-events';

/**
 * Looks again at what has changed. One tab of a browser listens to the registry and tells the others; a tab that nobody
 * sees does not listen.
 */
export function useLiveQueries(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const old = new Set<keyof typeof KEYS>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (type: string) => {
      for (const name of CHANGES[type] ?? []) old.add(name);
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const name of old) void queries.invalidateQueries({ queryKey: KEYS[name] });
        old.clear();
      }, GATHERED_MS);
    };
    const stop = listen(tell);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [queries]);
}

/** @returns what ends it. */
function listen(tell: (type: string) => void): () => void {
  const others = new BroadcastChannel(NAME);
  others.onmessage = ({ data }) => tell(String(data));
  let release: () => void = () => {};
  const onVisible = () => {
    release();
    if (document.visibilityState === 'visible') release = lead(tell, others);
  };
  document.addEventListener('visibilitychange', onVisible);
  onVisible();
  return () => {
    document.removeEventListener('visibilitychange', onVisible);
    release();
    others.close();
  };
}

/** Listens to the registry as soon as no other tab does. @returns what ends it. */
function lead(tell: (type: string) => void, others: BroadcastChannel): () => void {
  const over = new AbortController();
  const leading = () =>
    new Promise<void>((resolve) => {
      const stream = new EventSource('/api/v1/events');
      for (const type of Object.keys(CHANGES)) {
        stream.addEventListener(type, () => {
          tell(type);
          others.postMessage(type);
        });
      }
      over.signal.addEventListener('abort', () => {
        stream.close();
        resolve();
      });
    });
  // It is aborted while it waits for the lock, and released while it has it.
  navigator.locks
    .request(NAME, { signal: over.signal }, () => (over.signal.aborted ? undefined : leading()))
    .catch(() => undefined);
  return () => over.abort();
}
