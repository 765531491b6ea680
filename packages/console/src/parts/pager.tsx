import { useFilters } from './filters.ts';

/** To the next page of a list, and back to its beginning. The way back is the browser's. */
export function Pager({ next }: { next: string | undefined }) {
  const { query, to } = useFilters();
  const isFirst = query['cursor'] === undefined;
  if (isFirst && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {!isFirst && <a href={to({ cursor: undefined })}>◂ Newest</a>}
      {next !== undefined && <a href={to({ cursor: next })}>Older ▸</a>}
    </nav>
  );
}
