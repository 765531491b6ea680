import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Copy } from '../parts/copy.tsx';

interface ShownOnceProps {
  title: ComponentChildren;
  /** What it is, for the button that copies it. */
  what: string;
  text: string;
  children: ComponentChildren;
  close: () => void;
}

/** Something that lets people in, which is never shown again. */
export function ShownOnce({ title, what, text, children, close }: ShownOnceProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="shown-once" onClose={close}>
      <h2 id="shown-once">{title}</h2>
      <p>{children}</p>
      <p class="secret">
        <code>{text}</code>
      </p>
      <div class="actions">
        <Copy text={text} what={what} />
        <button type="button" onClick={() => dialog.current?.close()}>
          Done
        </button>
      </div>
    </dialog>
  );
}

/** What a person opens to come in. */
export function linkOf(token: string): string {
  return `${location.origin}/console/#link=${token}`;
}
