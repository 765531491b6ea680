import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { AgentOptions } from '../agents/agent-options.tsx';
import { ApiError, api, type Sent } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { useFilters } from '../parts/filters.ts';
import { useMutation } from '../parts/mutation.ts';
import { KEYS, useAgents } from '../queries.ts';
import { Quoted } from './messages.tsx';
import { type Conversation, useMessages } from './queries.ts';
import { isEncrypted } from './said.tsx';

const CHANGED = ['threads', 'deliveries', 'reviews'] as const;

/** Writes a message, in the open, and perhaps in the name of an agent. */
export function Compose({ chosen }: { chosen: Conversation }) {
  const { query, to, go } = useFilters();
  const queries = useQueryClient();
  const said = (useMessages(chosen).data?.pages ?? []).flatMap(({ items }) => items);
  // The same one for the same text: what is sent twice for want of an answer is one message.
  const idempotencyKey = useRef(crypto.randomUUID());
  const anew = () => {
    idempotencyKey.current = crypto.randomUUID();
  };
  const answer = query['answer'];
  const text = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (answer !== undefined) text.current?.focus();
  }, [answer]);
  const send = useMutation({
    mutationFn: (body: object) =>
      api<Sent>('POST', '/messages/send', { body, headers: { 'idempotency-key': idempotencyKey.current } }),
    onSuccess: (sent) => {
      announce(sentenceOf(sent));
      anew();
      if (answer !== undefined) go({ answer: undefined }, 'replace');
    },
    onError: (error) => {
      // It was refused, and is stored as that under the key: who mends why tries again with another one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) anew();
    },
    onSettled: () => Promise.all(CHANGED.map((name) => queries.invalidateQueries({ queryKey: KEYS[name] }))),
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const field = (name: string) => String(new FormData(form).get(name) ?? '');
    const about = chosen.about ?? field('about').trim();
    const from = field('from');
    const body = {
      recipient: chosen.with,
      recipient_type: chosen.with_type,
      message: field('message'),
      ...(about !== '' && { correlation_id: about }),
      ...(answer !== undefined && { in_response_to: answer }),
      ...(from !== '' && { sender_connection_id: from }),
    };
    send.mutate(body, { onSuccess: () => form.reset() });
  };
  return (
    <form class="compose" onSubmit={submit} onInput={anew}>
      {answer !== undefined && (
        <>
          <Quoted id={answer} message={said.find(({ id }) => id === answer)} />
          <p class="fine">
            <a href={to({ answer: undefined })}>Do not answer this one</a>
          </p>
        </>
      )}
      {chosen.about === undefined && (
        <label>
          About (may be empty)
          <input name="about" maxLength={255} autocomplete="off" />
        </label>
      )}
      <label>
        Message
        <textarea ref={text} name="message" required rows={3} />
      </label>
      <From />
      {said.some(isEncrypted) && (
        <p class="note">
          Earlier messages here are encrypted from end to end. What you write here is not: the operator could
          read it.
        </p>
      )}
      {send.error && <Failure error={send.error} />}
      <div class="actions">
        <button type="submit" class="main" disabled={send.isPending}>
          {said.some(isEncrypted) ? 'Send in the open' : 'Send'}
        </button>
      </div>
    </form>
  );
}

/** In whose name: answers go to that agent. */
function From() {
  const agents = (useAgents().data ?? []).filter(({ status }) => status === 'active');
  if (agents.length < 2) return null;
  return (
    <label>
      Answers go to
      <select name="from">
        <option value="">the agent that comes first</option>
        <AgentOptions agents={agents} />
      </select>
    </label>
  );
}

function sentenceOf({ status, rejection_reason, recipients }: Sent): string {
  if (status === 'review_required') return 'A policy holds it until you decide: see the overview.';
  if (status === 'rejected') return rejection_reason ?? 'A policy forbids it.';
  return recipients === undefined
    ? 'Sent.'
    : `Sent to ${recipients} ${recipients === 1 ? 'agent' : 'agents'}.`;
}
