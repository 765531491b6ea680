import { useEffect, useState } from 'preact/hooks';

/** An event as the stream has it. */
export interface LiveEvent {
  id: string;
  type: string;
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}

/** Events that are remembered; older ones are forgotten. */
const MOST = 200;

let recent: readonly LiveEvent[] = [];
const listeners = new Set<(events: readonly LiveEvent[]) => void>();

/** Remembers an event, the latest first; one that comes again, as after a stream has broken, once. */
export function remember(event: LiveEvent): void {
  if (recent.some(({ id, type }) => id === event.id && type === event.type)) return;
  recent = [event, ...recent].slice(0, MOST);
  for (const listener of listeners) listener(recent);
}

/** Forgets all: they were somebody else's. */
export function forget(): void {
  recent = [];
  for (const listener of listeners) listener(recent);
}

/** What has happened since the console was opened, the latest first. */
export function useRecent(): readonly LiveEvent[] {
  const [events, setEvents] = useState(recent);
  useEffect(() => {
    listeners.add(setEvents);
    setEvents(recent);
    return () => {
      listeners.delete(setEvents);
    };
  }, []);
  return events;
}
