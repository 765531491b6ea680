import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { LocationProvider } from 'preact-iso/router';
import { ApiError } from './api.ts';
import { App } from './app.tsx';
import { KEYS } from './queries.ts';

/** What an error of the registry's says is so, however often one asks. */
const RETRIES = 2;

/** The session of somebody who was there is over: they are asked to sign in, and not to try again for ever. */
function askWhoIsThere(error: Error): void {
  const isOver = error instanceof ApiError && error.code === 'UNAUTHORIZED';
  const wasThere = queries.getQueryData(KEYS.me) !== undefined;
  if (isOver && wasThere) void queries.refetchQueries({ queryKey: KEYS.me }, { cancelRefetch: false });
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      if (queryKey[0] !== KEYS.me[0]) askWhoIsThere(error);
    },
  }),
  mutationCache: new MutationCache({ onError: askWhoIsThere }),
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < RETRIES && !(error instanceof ApiError && error.status < 500),
    },
  },
});

const place = document.getElementById('console');
if (place !== null) {
  render(
    <QueryClientProvider client={queries}>
      <LocationProvider scope="/console">
        <App />
      </LocationProvider>
    </QueryClientProvider>,
    place,
  );
}
