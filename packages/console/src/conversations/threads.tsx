import type { Thread } from '../api.ts';
import { addressOf } from '../parts/filters.ts';
import { Loaded } from '../parts/loaded.tsx';
import { Text } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { KEYS, useMe } from '../queries.ts';
import { MessageState } from './message-state.tsx';
import { type Conversation, eachOnce, hasMoved, keyOf, useThreads } from './queries.ts';
import { ToNewest } from './to-newest.tsx';

/** One's threads, the latest first. */
export function Threads({ chosen }: { chosen: Conversation | undefined }) {
  const threads = useThreads();
  const { data, hasNextPage, isFetchingNextPage } = threads;
  const all = eachOnce(data?.pages ?? []);
  return (
    <Loaded query={threads}>
      {() => (
        <>
          {data !== undefined && hasMoved(data) && <ToNewest of={[...KEYS.threads, 'list']} />}
          {all.length > 0 && (
            <ul class="threads">
              {all.map((thread) => (
                <OneThread key={keyOf(thread)} thread={thread} isChosen={isOf(chosen, thread)} />
              ))}
            </ul>
          )}
          {all.length === 0 && !hasNextPage && (
            <p>
              Here stands what your agents say to others, and others to them. Nobody has said anything yet.
            </p>
          )}
          {hasNextPage && (
            <button type="button" disabled={isFetchingNextPage} onClick={() => void threads.fetchNextPage()}>
              Show older ones
            </button>
          )}
        </>
      )}
    </Loaded>
  );
}

function isOf(chosen: Conversation | undefined, thread: Thread): boolean {
  if (chosen?.with !== thread.with || chosen.with_type !== thread.with_type) return false;
  return chosen.about === undefined || chosen.about === (thread.correlation_id ?? '');
}

function OneThread({ thread, isChosen }: { thread: Thread; isChosen: boolean }) {
  const { with: name, with_type, group_name, correlation_id, latest } = thread;
  const address = addressOf('/console/conversations', {
    with: name,
    with_type: with_type === 'group' ? with_type : undefined,
    about: correlation_id ?? '',
  });
  return (
    <li>
      <a href={address} aria-current={isChosen ? 'true' : undefined}>
        <span class="thread-head">
          <strong>
            <Text>{group_name ?? name}</Text>
          </strong>
          <span class="fine">
            <Time at={latest.created_at} />
          </span>
        </span>
        {correlation_id !== undefined && (
          <span class="subject">
            <Text>{correlation_id}</Text>
          </span>
        )}
        <span class="fine excerpt">
          <MessageState status={latest.status} isBrief />{' '}
          <Latest latest={latest} isGroup={with_type === 'group'} />
        </span>
      </a>
    </li>
  );
}

function Latest({ latest, isGroup }: { latest: Thread['latest']; isGroup: boolean }) {
  const me = useMe().data?.username;
  const { sender, excerpt, is_encrypted, bytes } = latest;
  const who = sender === me ? 'You: ' : isGroup ? `${sender}: ` : '';
  return (
    <>
      {who}
      {excerpt !== undefined && <Text>{excerpt}</Text>}
      {excerpt === undefined &&
        (is_encrypted ? `encrypted, ${bytes.toLocaleString('en')} bytes` : 'erased by its sender')}
    </>
  );
}
