import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A page with its one heading, which also names the tab. Whoever comes by keyboard begins at the heading. */
export function Page({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Mahilo`;
    // Not over something that has the focus and stays.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        <Text>{title}</Text>
      </h1>
      {children}
    </>
  );
}

/** What somebody else wrote: it neither turns the text around it about nor breaks out of its line. */
export function Text({ children }: { children: ComponentChildren }) {
  return <bdi class="text">{children}</bdi>;
}
