import { useEffect, useRef } from 'preact/hooks';
import type { Message } from '../api.ts';
import { useFilters } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { useMe } from '../queries.ts';
import { countsOf, MessageState } from './message-state.tsx';
import { type Conversation, hasMoved, messagesKey, useMessages } from './queries.ts';
import { isEncrypted, Said } from './said.tsx';
import { ToNewest } from './to-newest.tsx';

/** Characters of a message that another one quotes. */
const QUOTED = 120;
/** So near (px) to its end a page is at its end. */
const NEAR_END = 300;

/** What was said, the latest at the end. */
export function Messages({ chosen }: { chosen: Conversation }) {
  const messages = useMessages(chosen);
  const { data, hasNextPage, isFetchingNextPage } = messages;
  const all = (data?.pages ?? []).flatMap(({ items }) => items).toReversed();
  useEndInView(all.at(-1)?.id);
  const byId = new Map(all.map((message) => [message.id, message]));
  return (
    <Loaded query={messages}>
      {() => (
        <>
          {hasNextPage && (
            <button type="button" disabled={isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
              Show earlier ones
            </button>
          )}
          {all.length === 0 && !hasNextPage && <p>Nothing was said here yet.</p>}
          <ol class="messages">
            {all.map((message) => (
              <OneMessage
                key={message.id}
                message={message}
                answered={byId.get(message.in_response_to ?? '')}
              />
            ))}
          </ol>
          {data !== undefined && hasMoved(data) && <ToNewest of={messagesKey(chosen)} />}
        </>
      )}
    </Loaded>
  );
}

/** Keeps the latest message in view for who is there; who has gone up to read stays where they are. */
function useEndInView(last: string | undefined): void {
  const isAtEnd = useRef(true);
  useEffect(() => {
    const look = () => {
      const { scrollHeight } = document.documentElement;
      isAtEnd.current = scrollHeight - scrollY - innerHeight < NEAR_END;
    };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    const isLedElsewhere = location.hash !== '';
    if (last !== undefined && isAtEnd.current && !isLedElsewhere) {
      scrollTo({ top: document.documentElement.scrollHeight });
    }
  }, [last]);
}

function OneMessage({ message, answered }: { message: Message; answered: Message | undefined }) {
  const { id, sender, sender_agent, created_at, status, rejection_reason, in_response_to } = message;
  const { to } = useFilters();
  const isMine = sender === useMe().data?.username;
  const counts = countsOf(message);
  return (
    <li id={id} class={isMine ? 'mine' : undefined}>
      <p class="fine">
        <strong>{isMine ? 'You' : <Text>{sender}</Text>}</strong> · <Text>{sender_agent}</Text> ·{' '}
        <Time at={created_at} />
      </p>
      {in_response_to !== undefined && <Quoted id={in_response_to} message={answered} />}
      <Said message={message} />
      <p class="fine">
        <MessageState status={status} />
        {counts !== '' && ` · ${counts}`} ·{' '}
        <a href={to({ message: id })} aria-label={`Details of the message ${id}`}>
          Details
        </a>
        {isMine || <Answer id={id} />}
      </p>
      {rejection_reason !== undefined && (
        <p class="fine">
          <Text>{rejection_reason}</Text>
        </p>
      )}
    </li>
  );
}

/** Writes an answer to it. */
function Answer({ id }: { id: string }) {
  const { to } = useFilters();
  return (
    <>
      {' '}
      ·{' '}
      <a href={to({ answer: id })} aria-label={`Answer the message ${id}`}>
        Answer
      </a>
    </>
  );
}

/** What a message answers: the beginning of it, and the way to it. */
export function Quoted({ id, message }: { id: string; message: Message | undefined }) {
  return (
    <blockquote>
      {message === undefined ? (
        <span class="fine">
          Answers <Text>{id}</Text>
        </span>
      ) : (
        <a href={`#${id}`}>
          <Text>{beginningOf(message)}</Text>
        </a>
      )}
    </blockquote>
  );
}

function beginningOf(message: Message): string {
  if (message.erased_at !== undefined) return 'An erased message';
  if (isEncrypted(message)) return 'An encrypted message';
  const { message: text } = message;
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…`.toWellFormed() : text;
}
