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
        <Menu path={path} />
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
function Menu({ path }: { path: string }) {
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
        <ul>
          {PAGES.map(([page, name]) => (
            <li key={page}>
              <a href={page} aria-current={isHere(page, path) ? 'page' : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </>
  );
}

function isHere(page: string, path: string): boolean {
  return page === '/console' ? path === page : path === page || path.startsWith(`${page}/`);
}
