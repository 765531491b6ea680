import type { ComponentChildren } from 'preact';
import { Failure } from './failure.tsx';

interface LoadedProps<Data> {
  /** Of one answer, or of pages. */
  query: { data: Data | undefined; error: Error | null; refetch(): unknown };
  children: (data: Data) => ComponentChildren;
}

/** What was asked for, as soon as it is there; what was there before stays when asking again fails. */
export function Loaded<Data>({ query: { data, error, refetch }, children }: LoadedProps<Data>) {
  return (
    <>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && children(data)}
      {data === undefined && !error && <p class="loading">Loading …</p>}
    </>
  );
}
