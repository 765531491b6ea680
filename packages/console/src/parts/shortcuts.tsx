import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { PAGES } from './pages.ts';
import { SEARCH_ID } from './search.tsx';

/** Where `g` and then a letter leads. */
const PLACES = new Map(PAGES.map((page) => [page[1].charAt(0).toLowerCase(), page]));
/** The second letter of two comes within so long (ms). */
const PAIR_MS = 1500;
/** Where a browser remembers that its person wants none. */
const OFF = 'mahilo-no-shortcuts';

/**
 * Keys that lead somewhere, and what they are. Whoever speaks to their computer, or hits keys by chance, switches them off
 * (WCAG 2.2, 2.1.4).
 */
export function Shortcuts() {
  const { route } = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [isOff, setOff] = useState(() => localStorage.getItem(OFF) !== null);
  useEffect(() => {
    const toPage = pairsOf(route);
    const pressed = (event: KeyboardEvent) => {
      if (!isForPage(event)) return;
      // Whoever has switched them off must find out how to have them again.
      if (event.key === '?') setOpen(true);
      else if (!isOff && event.key === '/') toSearch(event);
      else if (!isOff) toPage(event.key);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [isOff, route]);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const change = (off: boolean) => {
    if (off) localStorage.setItem(OFF, '');
    else localStorage.removeItem(OFF);
    setOff(off);
  };
  if (!isOpen) return null;
  return (
    <dialog ref={dialog} aria-labelledby="shortcuts" onClose={() => setOpen(false)}>
      <h2 id="shortcuts">Keys</h2>
      <dl class="facts">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>Go to an id, a friend or a subject</dd>
        {[...PLACES].map(([letter, [path, name]]) => (
          <>
            <dt key={path}>
              <kbd>g</kbd> <kbd>{letter}</kbd>
            </dt>
            <dd>{name}</dd>
          </>
        ))}
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>These keys</dd>
      </dl>
      <label class="choice">
        <input
          type="checkbox"
          checked={!isOff}
          onChange={({ currentTarget }) => change(!currentTarget.checked)}
        />
        <span>Keys lead to pages in this browser</span>
      </label>
      <div class="actions">
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

function toSearch(event: KeyboardEvent): void {
  // Nor is it written there.
  event.preventDefault();
  document.getElementById(SEARCH_ID)?.focus();
}

/** Takes keys one by one, and goes to a page with two of them. */
function pairsOf(route: (path: string) => void): (key: string) => void {
  let began = Number.NEGATIVE_INFINITY;
  return (key) => {
    const now = performance.now();
    const page = now - began < PAIR_MS ? PLACES.get(key) : undefined;
    began = page === undefined && key === 'g' ? now : Number.NEGATIVE_INFINITY;
    if (page !== undefined) route(page[0]);
  };
}

/** Not while somebody writes, nor with a key that is the browser's, nor behind a dialog. */
function isForPage({ target, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || isComposing) return false;
  if (document.querySelector('dialog[open]') !== null) return false;
  return !(target instanceof Element && target.matches('input, textarea, select, [contenteditable]'));
}
