import { useFilters } from './filters.ts';

interface PagerProps {
  next: string | undefined;
  /** Of the parameter in the address, where a page has several lists. */
  name?: string;
  /** What the list is of, where there are several. */
  of?: string;
  /** Back to the beginning, and on. */
  words?: readonly [first: string, next: string];
}

/** To the next page of a list, and back to its beginning. The way back is the browser's. */
export function Pager({ next, name = 'cursor', of = 'the list', words = ['Newest', 'Older'] }: PagerProps) {
  const { query, to } = useFilters();
  const isFirst = query[name] === undefined;
  if (isFirst && next === undefined) return null;
  const [first, further] = words;
  return (
    <nav class="pager" aria-label={`Pages of ${of}`}>
      {!isFirst && <a href={to({ [name]: undefined })}>◂ {first}</a>}
      {next !== undefined && <a href={to({ [name]: next })}>{further} ▸</a>}
    </nav>
  );
}
