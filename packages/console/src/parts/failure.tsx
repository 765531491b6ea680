import { ApiError } from '../api.ts';

/** Says what went wrong, in the API's own sentence. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const id = error instanceof ApiError ? error.requestId : undefined;
  return (
    <div role="alert" class="failure">
      <p>{error.message}</p>
      {id !== undefined && (
        <p class="fine">
          Request <code>{id}</code>
        </p>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
