import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Route, Router } from 'preact-iso/router';
import { AgentPage } from './agents/agent-page.tsx';
import { AgentsPage } from './agents/agents-page.tsx';
import { ApiError } from './api.ts';
import { Overview } from './overview/overview.tsx';
import { Failure } from './parts/failure.tsx';
import { lazyPage } from './parts/lazy-page.tsx';
import { Page } from './parts/page.tsx';
import { Shell } from './parts/shell.tsx';
import { useMe } from './queries.ts';
import { takeLink } from './sign-in/link-token.ts';
import { useOtherTabs } from './sign-in/other-tabs.ts';
import { SignIn } from './sign-in/sign-in.tsx';
import { SignInAgain, SignInEnded } from './sign-in/sign-in-again.tsx';

/** Which page it is, by its path. */
const PAGES: readonly (readonly [path: string, page: FunctionComponent])[] = [
  ['/console', Overview],
  ['/console/agents', AgentsPage],
  ['/console/agents/new', lazyPage(async () => (await import('./onboarding/add-agent.tsx')).AddAgent)],
  ['/console/agents/:id', AgentPage],
  [
    '/console/conversations',
    lazyPage(async () => (await import('./conversations/conversations-page.tsx')).ConversationsPage),
  ],
  [
    '/console/deliveries',
    lazyPage(async () => (await import('./deliveries/deliveries-page.tsx')).DeliveriesPage),
  ],
  ['/console/friends', lazyPage(async () => (await import('./friends/friends-page.tsx')).FriendsPage)],
  ['/console/friends/link', lazyPage(async () => (await import('./friends/link-page.tsx')).LinkPage)],
  ['/console/groups', lazyPage(async () => (await import('./groups/groups-page.tsx')).GroupsPage)],
  ['/console/groups/link', lazyPage(async () => (await import('./groups/link-page.tsx')).GroupLinkPage)],
  ['/console/groups/:id', lazyPage(async () => (await import('./groups/group-page.tsx')).GroupPage)],
  ['/console/policies', lazyPage(async () => (await import('./policies/policies-page.tsx')).PoliciesPage)],
  ['/console/policies/new', lazyPage(async () => (await import('./policies/policy-page.tsx')).NewPolicyPage)],
  ['/console/policies/:id', lazyPage(async () => (await import('./policies/policy-page.tsx')).PolicyPage)],
  ['/console/reviews', lazyPage(async () => (await import('./reviews/reviews-page.tsx')).ReviewsPage)],
  ['/console/live', lazyPage(async () => (await import('./events/live-page.tsx')).LivePage)],
  ['/console/settings', lazyPage(async () => (await import('./settings/settings.tsx')).Settings)],
  ['/console/operator/health', lazyPage(async () => (await import('./operator/health-page.tsx')).HealthPage)],
  ['/console/operator/queue', lazyPage(async () => (await import('./operator/queue-page.tsx')).QueuePage)],
  [
    '/console/operator/dead-letters',
    lazyPage(async () => (await import('./operator/dead-letters-page.tsx')).DeadLettersPage),
  ],
  ['/console/operator/users', lazyPage(async () => (await import('./operator/users-page.tsx')).UsersPage)],
  ['/console/operator/users/:id', lazyPage(async () => (await import('./operator/user-page.tsx')).UserPage)],
  [
    '/console/operator/invitations',
    lazyPage(async () => (await import('./operator/invitations-page.tsx')).InvitationsPage),
  ],
  ['/console/operator/audit', lazyPage(async () => (await import('./operator/audit-page.tsx')).AuditPage)],
  [
    '/console/operator/settings',
    lazyPage(async () => (await import('./operator/settings-page.tsx')).RegistrySettingsPage),
  ],
  ['/console/operator/secret', lazyPage(async () => (await import('./operator/secret-page.tsx')).SecretPage)],
  [
    '/console/operator/traffic',
    lazyPage(async () => (await import('./operator/traffic-page.tsx')).TrafficPage),
  ],
];

/** Who is not signed in signs in, wherever they wanted to go. */
export function App() {
  const me = useMe();
  const [link, setLink] = useState(takeLink);
  useEffect(() => {
    // Where the console is open already, a browser loads nothing for what differs behind the `#` alone.
    const look = () => {
      const taken = takeLink();
      if (taken !== undefined) setLink(taken);
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  useOtherTabs(me.data?.user_id);
  const isNobody = me.error instanceof ApiError && me.error.status === 401;
  if (link !== undefined || (isNobody && me.data === undefined)) {
    return <SignIn link={link} forgetLink={() => setLink(undefined)} />;
  }
  if (me.data === undefined && me.error) {
    return <Failure error={me.error} retry={() => void me.refetch()} />;
  }
  if (me.data === undefined) return <p class="loading">Loading …</p>;
  return (
    <Shell me={me.data}>
      <Router>
        {PAGES.map(([path, page]) => (
          <Route key={path} path={path} component={page} />
        ))}
        <Route default component={NotFound} />
      </Router>
      <SignInAgain me={me.data} />
      {isNobody && <SignInEnded me={me.data} />}
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
