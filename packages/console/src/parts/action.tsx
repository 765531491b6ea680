import { useQueryClient } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import { KEYS } from '../queries.ts';
import { announce } from './announcements.tsx';
import { useMutation } from './mutation.ts';

interface ActionProps<Answer> {
  /** What a screen reader says, where the visible word needs its surroundings. */
  label?: string;
  kind?: 'main' | 'plain' | 'danger';
  disabled?: boolean;
  act: () => Promise<Answer>;
  /** What is told when it is done. */
  done: (answer: Answer) => string;
  /** What it makes old. */
  changes: readonly (keyof typeof KEYS)[];
  children: ComponentChildren;
}

/** A button that asks the API for something, and tells what came of it. */
export function Action<Answer>({
  label,
  kind = 'plain',
  disabled = false,
  act,
  done,
  changes,
  children,
}: ActionProps<Answer>) {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: (answer) => announce(done(answer)),
    onError: (error) => announce(error.message),
    onSettled: () => Promise.all(changes.map((name) => queries.invalidateQueries({ queryKey: KEYS[name] }))),
  });
  return (
    <button
      type="button"
      class={kind}
      aria-label={label}
      disabled={disabled}
      // Not disabled: it would lose the keyboard's place. A second click does nothing.
      aria-disabled={mutation.isPending}
      onClick={() => mutation.mutate()}
    >
      {children}
    </button>
  );
}
