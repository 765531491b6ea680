import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Profile } from '../api.ts';
import { useLiveQueries } from '../live.ts';
import { Announcements } from './announcements.tsx';
import { Text } from './page.tsx';

const PAGES = [
  ['/console', 'Overview'],
  ['/console/agents', 'Agents'],
  ['/console/conversations', 'Conversations'],
  ['/console/deliveries', 'Deliveries'],
  ['/console/friends', 'Friends'],
  ['/console/groups', 'Groups'],
  ['/console/policies', 'Policies'],
  ['/console/reviews', 'Reviews'],
  ['/console/live', 'Live'],
  ['/console/settings', 'Settings'],
] as const;

/** For operators alone; the API refuses them to others. */
const OPERATORS_PAGES = [
  ['/console/operator/health', 'Health'],
  ['/console/operator/queue', 'Queue'],
  ['/console/operator/dead-letters', 'Dead letters'],
  ['/console/operator/traffic', 'Traffic'],
  ['/console/operator/users', 'Users'],
  ['/console/operator/invitations', 'Invitations'],
  ['/console/operator/audit', 'Audit'],
  ['/console/operator/settings', 'Registry settings'],
  ['/console/operator/secret', 'Secret'],
] as const;

/** The frame around every page: where one is, and who one is. */
export function Shell({ me, children }: { me: Profile; children: ComponentChildren }) {
  useLiveQueries();
  const { path } = useLocation();
  return (
    <div class="shell">
      <a class="skip" href="#content">
        To the content
      </a>
      <header>
        <p class="brand">
          <span aria-hidden="true">●</span> Mahilo
        </p>
        <Menu path={path} isOperator={me.operator === true} />
        <p class="who">
          <Text>{me.display_name ?? me.username}</Text>
        </p>
      </header>
      <main id="content">{children}</main>
      <Announcements />
    </div>
  );
}

/** All pages. Where there is no room for them they open with a button, and close with each way to a page. */
function Menu({ path, isOperator }: { path: string; isOperator: boolean }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <>
      <button
        type="button"
        class="menu"
        aria-expanded={isOpen}
        aria-controls="pages"
        onClick={() => setOpen(!isOpen)}
      >
        Menu
      </button>
      <nav id="pages" aria-label="Pages" class={isOpen ? 'open' : undefined}>
        <Pages pages={PAGES} path={path} />
        {isOperator && (
          <>
            <p class="fine nav-group">Operator</p>
            <Pages pages={OPERATORS_PAGES} path={path} />
          </>
        )}
      </nav>
    </>
  );
}

function Pages({ pages, path }: { pages: readonly (readonly [page: string, name: string])[]; path: string }) {
  return (
    <ul>
      {pages.map(([page, name]) => (
        <li key={page}>
          <a href={page} aria-current={isHere(page, path) ? 'page' : undefined}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}

function isHere(page: string, path: string): boolean {
  return page === '/console' ? path === page : path === page || path.startsWith(`${page}/`);
}
