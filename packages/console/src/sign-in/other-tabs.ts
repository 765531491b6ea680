import { useQueryClient } from '@tanstack/preact-query';
import { useEffect } from 'preact/hooks';
import { KEYS } from '../queries.ts';

const NAME = 'mahilo-who';
/** The id of whoever is signed in at this browser; null: somebody has signed out. */
type Who = string | null;

/** Tells the other tabs of this browser that nobody is signed in any more. */
export function tellSignedOut(): void {
  const others = new BroadcastChannel(NAME);
  others.postMessage(null satisfies Who);
  others.close();
}

/**
 * Follows the other tabs of this browser, which share its sign-in: what is done on a page of one person must not be done
 * as another, and nothing of somebody who has left stays in sight.
 */
export function useOtherTabs(userId: string | undefined): void {
  const queries = useQueryClient();
  useEffect(() => {
    // Whoever registers is shown a key before they go on: nothing may take that page away.
    if (userId === undefined) return undefined;
    const others = new BroadcastChannel(NAME);
    others.onmessage = ({ data }: MessageEvent<Who>) => {
      if (data !== userId) location.assign('/console');
      else if (queries.getQueryState(KEYS.me)?.status === 'error')
        void queries.refetchQueries({ queryKey: KEYS.me });
    };
    others.postMessage(userId satisfies Who);
    return () => others.close();
  }, [userId, queries]);
}
