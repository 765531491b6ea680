import type { TargetedSubmitEvent } from 'preact';
import { useId } from 'preact/hooks';
import { api, type PolicyDraft, type TriedMessage } from '../api.ts';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Whom, whomIn } from '../parts/whom.tsx';
import { Verdict } from './verdict.tsx';

interface TesterProps {
  /** What is being written; without it the stored policies alone judge. */
  draft?: () => PolicyDraft;
  /** The stored policy that it is to replace. */
  replaces?: string | undefined;
  /** The mistakes in the draft are shown where it is written. */
  onError?: (error: Error | null) => void;
}

interface Tried {
  message: string;
  answer: TriedMessage;
}

/** What policies would say about a message, which is not sent. */
export function Tester({ draft, replaces, onError }: TesterProps) {
  const id = useId();
  const test = useMutation({
    mutationFn: async (message: { message: string }): Promise<Tried> => {
      const body = { ...message, ...(draft && { draft: draft(), replaces }) };
      return {
        message: message.message,
        answer: await api<TriedMessage>('POST', '/policies/test', { body }),
      };
    },
    onSettled: (_, error) => onError?.(error),
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { type: recipient_type, name: recipient } = whomIn(form);
    const context = String(form.get('context'));
    const message = String(form.get('message'));
    test.mutate({ message, ...{ recipient_type, recipient, ...(context !== '' && { context }) } });
  };
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>Try it</h2>
      <form onSubmit={submit}>
        <Whom label="To" />
        <label>
          Message
          <textarea name="message" required rows={4} />
        </label>
        <label>
          Context (may be left out)
          <input name="context" autocomplete="off" />
        </label>
        <button type="submit" disabled={test.isPending}>
          What would happen?
        </button>
      </form>
      {test.error && <Failure error={test.error} />}
      {test.data && <Verdict {...test.data} />}
    </section>
  );
}
