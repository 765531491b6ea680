import { useFilters } from '../parts/filters.ts';
import { Page } from '../parts/page.tsx';
import { useMyGroup } from '../queries.ts';
import { Compose } from './compose.tsx';
import { MessageDrawer } from './message-drawer.tsx';
import { Messages } from './messages.tsx';
import { NewMessage } from './new-message.tsx';
import type { Conversation } from './queries.ts';
import { Threads } from './threads.tsx';

/** What one's agents said to whom: threads, and beside them what was said in one of them. */
export function ConversationsPage() {
  const { query } = useFilters();
  const chosen = chosenIn(query);
  const opened = query['message'];
  return (
    <div class={chosen === undefined ? 'panes' : 'panes chosen'}>
      {chosen === undefined ? (
        <Page title="Conversations">
          <NewMessage />
          <Threads chosen={undefined} />
        </Page>
      ) : (
        <>
          <section class="pane" aria-label="Conversations">
            <Threads chosen={chosen} />
          </section>
          <OneConversation key={`${chosen.with_type} ${chosen.with} ${chosen.about}`} chosen={chosen} />
        </>
      )}
      {opened !== undefined && <MessageDrawer key={opened} id={opened} />}
    </div>
  );
}

function chosenIn({ with: name, with_type, about }: Readonly<Record<string, string | undefined>>) {
  if (name === undefined) return undefined;
  return { with: name, with_type: with_type === 'group' ? 'group' : 'user', about } satisfies Conversation;
}

function OneConversation({ chosen }: { chosen: Conversation }) {
  const { to } = useFilters();
  const name = useName(chosen);
  const { about } = chosen;
  return (
    <div class="pane">
      <p class="back">
        <a href="/console/conversations">◂ All conversations</a>
      </p>
      <Page title={about === undefined || about === '' ? name : `${name}: ${about}`}>
        {about === undefined ? (
          <p class="fine">Everything, whatever it is about.</p>
        ) : (
          <p class="fine">
            {about === '' ? 'What is about nothing in particular.' : 'One subject.'}{' '}
            <a href={to({ about: undefined })}>Everything with {name}</a>
          </p>
        )}
        <Messages chosen={chosen} />
        <Compose chosen={chosen} />
      </Page>
    </div>
  );
}

/** What it is called: a person by username, a group by name. */
function useName({ with: name, with_type }: Conversation): string {
  return useMyGroup(with_type === 'group' ? name : undefined)?.name ?? name;
}
