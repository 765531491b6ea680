import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import type { Profile } from '../api.ts';
import { useLiveQueries } from '../live.ts';
import { Announcements } from './announcements.tsx';
import { Text } from './page.tsx';

const PAGES = [
  ['/console', 'Overview'],
  ['/console/agents', 'Agents'],
  ['/console/settings', 'Settings'],
] as const;

/** The frame around every page: where one is, and who one is. */
export function Shell({ me, children }: { me: Profile; children: ComponentChildren }) {
  useLiveQueries();
  const { path } = useLocation();
  const isHere = (page: string) => (page === '/console' ? path === page : path.startsWith(page));
  return (
    <div class="shell">
      <a class="skip" href="#content">
        To the content
      </a>
      <header>
        <p class="brand">
          <span aria-hidden="true">●</span> Mahilo
        </p>
        <nav aria-label="Pages">
          <ul>
            {PAGES.map(([page, name]) => (
              <li key={page}>
                <a href={page} aria-current={isHere(page) ? 'page' : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p class="who">
          <Text>{me.display_name ?? me.username}</Text>
        </p>
      </header>
      <main id="content">{children}</main>
      <Announcements />
    </div>
  );
}
