import { useQueryClient } from '@tanstack/preact-query';

/** Shows the newest of a list again, which older ones have taken the place of. */
export function ToNewest({ of }: { of: readonly unknown[] }) {
  const queries = useQueryClient();
  return (
    <button type="button" onClick={() => void queries.resetQueries({ queryKey: of })}>
      Show the newest
    </button>
  );
}
