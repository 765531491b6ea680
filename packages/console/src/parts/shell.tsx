import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Profile } from '../api.ts';
import { useLiveQueries } from '../live.ts';
import { Announcements } from './announcements.tsx';
import { Text } from './page.tsx';
import { PAGES } from './pages.ts';
import { Search } from './search.tsx';
import { Shortcuts } from './shortcuts.tsx';

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
  const isCut = useLiveQueries();
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
      <main id="content">
        {isCut && <Cut />}
        {children}
      </main>
      <Announcements />
      <Shortcuts />
    </div>
  );
}

/** A registry that starts again is back sooner than this (ms). */
const SHORT_MS = 4000;

/** Says that what stands here may be old, once the registry is away for longer than a moment. */
function Cut() {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), SHORT_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p role="status" class={isLong ? 'note' : undefined}>
      {isLong &&
        'The registry does not answer just now: what stands here may be old. It is tried again by itself.'}
    </p>
  );
}

/** All pages. Where there is no room for them they open with a button, and close with each way to a page. */
function Menu({ path, isOperator }: { path: string; isOperator: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    setOpen(false);
    // So that the page that comes takes the focus to its heading, as one that is loaded.
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && menu.current?.contains(activeElement)) activeElement.blur();
  }, [path]);
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape' || !isOpen) return;
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="menu"
        aria-expanded={isOpen}
        aria-controls="pages"
        onClick={() => setOpen(!isOpen)}
        onKeyDown={onKeyDown}
      >
        Menu
      </button>
      <nav ref={menu} id="pages" aria-label="Pages" class={isOpen ? 'open' : undefined} onKeyDown={onKeyDown}>
        <Search />
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
