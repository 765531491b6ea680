import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Announcements } from './announcements.tsx';
import { useFilters } from './filters.ts';

interface DrawerProps {
  title: ComponentChildren;
  /** The parameter of the address that opens it; it goes when the drawer is closed. */
  name: string;
  children: ComponentChildren;
}

/** One thing of a list, beside it. Its address leads to it; closed, the focus is where it was. */
export function Drawer({ title, name, children }: DrawerProps) {
  const { go } = useFilters();
  const dialog = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false);
  const titleId = useId();
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => {
      isOver.current = true;
      // While it is still in the page, so that the browser gives the focus back.
      current?.close();
    };
  }, []);
  const closed = () => {
    if (!isOver.current) go({ [name]: undefined }, 'replace');
  };
  return (
    <dialog ref={dialog} class="drawer" closedby="any" aria-labelledby={titleId} onClose={closed}>
      <div class="drawn">
        <div class="drawer-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        {children}
      </div>
      <Announcements />
    </dialog>
  );
}
