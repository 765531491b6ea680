import { Time } from '../parts/time.tsx';

/** When the registry looked, which it does not do each time, and a button to look again. */
export function LookedAt({ at, again, isBusy }: { at: string; again: () => void; isBusy: boolean }) {
  return (
    <div class="actions looked-at">
      <span class="fine">
        Looked at <Time at={at} />
      </span>
      <button type="button" disabled={isBusy} onClick={again}>
        Look again
      </button>
    </div>
  );
}
