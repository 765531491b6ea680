import { useQueryClient } from '@tanstack/preact-query';
import { useEffect } from 'preact/hooks';
import { type LiveEvent, remember } from './events/recent.ts';
import { KEYS } from './queries.ts';

/** What an event makes old, by its type. */
const CHANGES: Readonly<Record<string, readonly (keyof typeof KEYS)[]>> = {
  // The first of each stream: what came between the last look and it is told by no other.
  connection: [
    'agents',
    'deliveries',
    'threads',
    'friends',
    'requests',
    'links',
    'groups',
    'members',
    'reviews',
    'refused',
  ],
  message_received: ['agents', 'deliveries', 'threads'],
  delivery_status: ['agents', 'deliveries', 'threads'],
  agent_seen: ['agents'],
  agent_failing: ['agents', 'deliveries'],
  agent_suspended: ['agents', 'deliveries'],
  friend_request: ['requests'],
  friend_accepted: ['friends', 'requests', 'links'],
  group_invite: ['groups', 'members'],
  group_join: ['groups', 'members', 'links'],
  group_leave: ['groups', 'members'],
  review_required: ['reviews'],
  review_closed: ['reviews', 'refused'],
  key_changed: ['contacts', 'members'],
};
/** Events that come together are one reason to look again. */
const GATHERED_MS = 1000;
/** While they go on, one looks again so often: each look is a few of the requests that a browser has in a minute. */
const PAUSE_MS = 5000;
const NAME = 'mahilo-events';

/** After so long without an event a new stream begins with what is new: it might have to catch up with very much. */
const RESUMED_MS = 600_000;
/** The last event that came, so that the next stream goes on after it. */
let last = { id: '', at: 0 };

function streamAddress(): string {
  const isRecent = last.id !== '' && performance.now() - last.at < RESUMED_MS;
  return isRecent ? `/api/v1/events?last_event_id=${last.id}` : '/api/v1/events';
}

/**
 * Looks again at what has changed. One tab of a browser listens to the registry and tells the others; a tab that nobody
 * sees does not listen.
 */
export function useLiveQueries(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const old = new Set<keyof typeof KEYS>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lookedAt = Number.NEGATIVE_INFINITY;
    const look = () => {
      timer = undefined;
      lookedAt = performance.now();
      for (const name of old) void queries.invalidateQueries({ queryKey: KEYS[name] });
      old.clear();
    };
    const tell = (event: LiveEvent) => {
      last = { id: event.id, at: performance.now() };
      remember(event);
      for (const name of CHANGES[event.type] ?? []) old.add(name);
      timer ??= setTimeout(look, Math.max(GATHERED_MS, lookedAt + PAUSE_MS - performance.now()));
    };
    const stop = listen(tell);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [queries]);
}

type Tell = (event: LiveEvent) => void;

/** @returns what ends it. */
function listen(tell: Tell): () => void {
  const others = new BroadcastChannel(NAME);
  others.onmessage = ({ data }) => tell(data);
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
function lead(tell: Tell, others: BroadcastChannel): () => void {
  const over = new AbortController();
  const leading = () =>
    new Promise<void>((resolve) => {
      const stream = new EventSource(streamAddress());
      for (const type of Object.keys(CHANGES)) {
        stream.addEventListener(type, ({ data }) => {
          const event: LiveEvent = JSON.parse(data);
          tell(event);
          others.postMessage(event);
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
