import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { KEYS } from '../queries.ts';
import { announce } from './announcements.tsx';
import { Failure } from './failure.tsx';
import { useMutation } from './mutation.ts';

interface OneFieldProps<Answer> {
  label: string;
  /** Of the button. */
  word: string;
  placeholder?: string;
  act: (text: string) => Promise<Answer>;
  done: (answer: Answer, text: string) => string;
  changes: readonly (keyof typeof KEYS)[];
}

/** A form with one line of text and a button. */
export function OneField<Answer>({ label, word, placeholder, act, done, changes }: OneFieldProps<Answer>) {
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: act,
    onSuccess: (answer, text) => announce(done(answer, text)),
    onSettled: () => Promise.all(changes.map((name) => queries.invalidateQueries({ queryKey: KEYS[name] }))),
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    send.mutate(String(new FormData(form).get('text')).trim(), { onSuccess: () => form.reset() });
  };
  return (
    <form class="one-field" onSubmit={submit}>
      <label>
        {label}
        <input
          name="text"
          required
          placeholder={placeholder}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      </label>
      <button type="submit" class="main" disabled={send.isPending}>
        {word}
      </button>
      {send.error && <Failure error={send.error} />}
    </form>
  );
}
