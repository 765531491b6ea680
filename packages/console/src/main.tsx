import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { LocationProvider } from 'preact-iso/router';
import { ApiError } from './api.ts';
import { App } from './app.tsx';
import { KEYS } from './queries.ts';

/** What an error of the registry's says is so, however often one asks. */
const RETRIES = 2;

const queries = new QueryClient({
  queryCache: new QueryCache({
    // The session is over: whoever is there is asked to sign in, and not to try again for ever.
    onError: (error, { queryKey }) => {
      const isOver = error instanceof ApiError && error.code === 'UNAUTHORIZED';
      if (!isOver || queryKey[0] === KEYS.me[0]) return;
      void queries.refetchQueries({ queryKey: KEYS.me }, { cancelRefetch: false });
    },
  }),
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
