import { useState } from 'preact/hooks';
import { Route, Router } from 'preact-iso/router';
import { AgentPage } from './agents/agent-page.tsx';
import { AgentsPage } from './agents/agents-page.tsx';
import { ApiError } from './api.ts';
import { Overview } from './overview/overview.tsx';
import { Failure } from './parts/failure.tsx';
import { Page } from './parts/page.tsx';
import { Shell } from './parts/shell.tsx';
import { useMe } from './queries.ts';
import { Settings } from './settings/settings.tsx';
import { takeLinkToken } from './sign-in/link-token.ts';
import { SignIn } from './sign-in/sign-in.tsx';

/** Who is not signed in signs in, wherever they wanted to go. */
export function App() {
  const me = useMe();
  const [linkToken, setLinkToken] = useState(takeLinkToken);
  const isNobody = me.error instanceof ApiError && me.error.status === 401;
  if (isNobody || linkToken !== undefined) {
    return <SignIn linkToken={linkToken} forgetLink={() => setLinkToken(undefined)} />;
  }
  if (me.error) return <Failure error={me.error} retry={() => void me.refetch()} />;
  if (me.data === undefined) return <p class="loading">Loading …</p>;
  return (
    <Shell me={me.data}>
      <Router>
        <Route path="/console" component={Overview} />
        <Route path="/console/agents" component={AgentsPage} />
        <Route path="/console/agents/:id" component={AgentPage} />
        <Route path="/console/settings" component={Settings} />
        <Route default component={NotFound} />
      </Router>
    </Shell>
  );
}

function NotFound() {
  return (
    <Page title="Not found">
      <p>
        There is no such page. <a href="/console">To the overview</a>
      </p>
    </Page>
  );
}
