import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { KEYS } from '../queries.ts';
import { Action } from './action.tsx';

interface ConfirmProps {
  /** On the button that asks, and for a screen reader where that needs its surroundings. */
  word: string;
  label?: string;
  /** What is asked. */
  title: ComponentChildren;
  /** What goes with it. */
  children: ComponentChildren;
  yes: string;
  no: string;
  /** What must be typed first: for what many people lose. */
  typed?: string;
  act: () => Promise<unknown>;
  done: () => string;
  changes: readonly (keyof typeof KEYS)[];
}

/** A button for what cannot be undone: it is done once its person has read what goes with it. */
export function Confirm({ word, label, ...question }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="danger" aria-label={label} onClick={() => setOpen(true)}>
        {word} …
      </button>
      {/* Lists have many of them, of which one is open. */}
      {isOpen && <Question {...question} closed={() => setOpen(false)} />}
    </>
  );
}

type QuestionProps = Omit<ConfirmProps, 'word' | 'label'> & { closed: () => void };

function Question({ title, children, yes, no, typed, act, done, changes, closed }: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [text, setText] = useState('');
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={closed}>
      <h2 id={titleId}>{title}</h2>
      <p>{children}</p>
      {typed !== undefined && (
        <label>
          Type {typed} to go on
          <input
            value={text}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      )}
      <div class="actions">
        <button type="button" onClick={close}>
          {no}
        </button>
        <Action
          kind="danger"
          disabled={typed !== undefined && text.trim() !== typed}
          act={() => act().finally(close)}
          done={done}
          changes={changes}
        >
          {yes}
        </Action>
      </div>
    </dialog>
  );
}
