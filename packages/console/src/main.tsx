import { QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { LocationProvider } from 'preact-iso/router';
import { ApiError } from './api.ts';
import { App } from './app.tsx';

/** What an error of the registry's says is so, however often one asks. */
const RETRIES = 2;

const queries = new QueryClient({
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
