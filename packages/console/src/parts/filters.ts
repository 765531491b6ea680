import { useLocation } from 'preact-iso/router';

type Changes = Readonly<Record<string, string | undefined>>;

/** What begins anew when a filter changes: where one is in a list, and what is open. */
const OF_ONE_LIST = { cursor: undefined } as const;

export interface Filters {
  /** What the address says behind its `?`. */
  query: Readonly<Record<string, string | undefined>>;
  /** The address of this page with changes; what is empty is left out. */
  to: (changes: Changes) => string;
  go: (changes: Changes, how?: 'replace') => void;
  /** Goes to the beginning of the list that matches. */
  filter: (changes: Changes) => void;
}

/**
 * What a page shows, as its address has it: filters, the place in a list, what is open. So a reload, a bookmark and the
 * way back show the same.
 */
export function useFilters(): Filters {
  const { path, query, route } = useLocation();
  const to = (changes: Changes) => addressOf(path, { ...query, ...changes });
  return {
    query,
    to,
    go: (changes, how) => route(to(changes), how === 'replace'),
    filter: (changes) => route(to({ ...OF_ONE_LIST, ...changes })),
  };
}

/** A path with what stands behind its `?`. */
export function addressOf(path: string, query: Changes): string {
  const said = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  const text = new URLSearchParams(said).toString();
  return text === '' ? path : `${path}?${text}`;
}
