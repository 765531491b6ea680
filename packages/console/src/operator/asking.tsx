import { useQueryClient } from '@tanstack/preact-query';
import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { KEYS } from '../queries.ts';
import { FreshLink } from './fresh-link.tsx';

interface AskingProps<Answer> {
  /** On the button that asks, and for a screen reader where that needs its surroundings. */
  word: string;
  label?: string;
  kind?: 'main' | 'danger';
  title: ComponentChildren;
  /** The fields, and what to know. */
  children: ComponentChildren;
  yes: string;
  act: (fields: FormData) => Promise<Answer>;
  done: (answer: Answer) => string | undefined;
}

/** A button for what takes a few words first: it opens a form, and does what that says. */
export function Asking<Answer>({ word, label, kind, title, children, yes, act, done }: AskingProps<Answer>) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const titleId = useId();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: (answer) => {
      dialog.current?.close();
      const sentence = done(answer);
      if (sentence !== undefined) announce(sentence);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.operator }),
    // Some answers are shown once: they are kept nowhere.
    gcTime: 0,
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    mutation.mutate(new FormData(event.currentTarget));
  };
  const isTooOld = mutation.error instanceof ApiError && mutation.error.code === 'STEP_UP_REQUIRED';
  const open = () => {
    mutation.reset();
    form.current?.reset();
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class={kind} aria-label={label} onClick={open}>
        {word} …
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <h2 id={titleId}>{title}</h2>
        <form ref={form} onSubmit={submit}>
          {children}
          {isTooOld && (
            <FreshLink
              title="Your sign-in is older than ten minutes"
              signedIn={() => form.current?.requestSubmit()}
            />
          )}
          {mutation.error && !isTooOld && <Failure error={mutation.error} />}
          <div class="actions">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" class={kind ?? 'main'} disabled={mutation.isPending}>
              {yes}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

/** What was typed into a field; undefined when nothing was. */
export function typed(fields: FormData, name: string): string | undefined {
  const text = String(fields.get(name) ?? '').trim();
  return text === '' ? undefined : text;
}
