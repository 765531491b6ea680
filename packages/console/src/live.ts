import { type Query, useQueryClient } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
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
const NAME = 'mahilo-live';

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
 * @returns whether nobody listens, because the registry cannot be reached.
 */
export function useLiveQueries(): boolean {
  const queries = useQueryClient();
  const [isCut, setCut] = useState(false);
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
      setCut(false);
      if (event.type === 'connection') void queries.refetchQueries({ type: 'active', predicate: hasFailed });
      last = { id: event.id, at: performance.now() };
      remember(event);
      for (const name of CHANGES[event.type] ?? []) old.add(name);
      timer ??= setTimeout(look, Math.max(GATHERED_MS, lookedAt + PAUSE_MS - performance.now()));
    };
    const cut = (isRefused: boolean) => {
      setCut(true);
      // Perhaps because nobody is signed in any more.
      if (isRefused) void queries.refetchQueries({ queryKey: KEYS.me }, { cancelRefetch: false });
    };
    const stop = listen({ tell, cut });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [queries]);
  return isCut;
}

/** What could not be had while the registry was away. */
const hasFailed = ({ state }: Query) => state.status === 'error';

interface Listener {
  tell: (event: LiveEvent) => void;
  /** The stream has broken; refused are those that were answered with an error. */
  cut: (isRefused: boolean) => void;
}
/** What the tab that listens says to the others. */
type Word = { event: LiveEvent } | { isRefused: boolean };

/** @returns what ends it. */
function listen(listener: Listener): () => void {
  const others = new BroadcastChannel(NAME);
  const hear = (word: Word) => ('event' in word ? listener.tell(word.event) : listener.cut(word.isRefused));
  others.onmessage = ({ data }) => hear(data);
  const say = (word: Word) => {
    hear(word);
    others.postMessage(word);
  };
  let release: () => void = () => {};
  const onVisible = () => {
    release();
    if (document.visibilityState === 'visible') release = lead(say);
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
function lead(say: (word: Word) => void): () => void {
  const over = new AbortController();
  const leading = () =>
    new Promise<void>((resolve) => {
      const close = keepOpen(say);
      over.signal.addEventListener('abort', () => {
        close();
        resolve();
      });
    });
  // It is aborted while it waits for the lock, and released while it has it.
  navigator.locks
    .request(NAME, { signal: over.signal }, () => (over.signal.aborted ? undefined : leading()))
    .catch(() => undefined);
  return () => over.abort();
}

/** How long (ms) one waits with a new stream after one was refused: at first, and at most. */
const AGAIN_MS = { first: 2000, most: 30_000 } as const;

/**
 * Listens, and goes on listening. A browser opens a stream again that has broken, and never one that was answered with an
 * error, as by a proxy while the registry starts again.
 * @returns what ends it.
 */
function keepOpen(say: (word: Word) => void): () => void {
  let wait: number = AGAIN_MS.first;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stream: EventSource;
  const open = () => {
    stream = new EventSource(streamAddress());
    for (const type of Object.keys(CHANGES)) {
      stream.addEventListener(type, ({ data }) => {
        wait = AGAIN_MS.first;
        say({ event: JSON.parse(data) });
      });
    }
    stream.addEventListener('error', () => {
      const isRefused = stream.readyState === EventSource.CLOSED;
      say({ isRefused });
      if (!isRefused) return;
      timer = setTimeout(open, wait);
      wait = Math.min(2 * wait, AGAIN_MS.most);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    stream.close();
  };
}
