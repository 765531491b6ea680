import type { ComponentChildren } from 'preact';
import { ResendDeadLetters } from '../agents/agent-page.tsx';
import { AgentName } from '../agents/agents-page.tsx';
import { HealthSentence, isTroubled } from '../agents/health.tsx';
import type { Agent, Friend, Group, PageOf, Review } from '../api.ts';
import { AnswerRequest } from '../friends/answer-request.tsx';
import { usePeople } from '../friends/queries.ts';
import { AnswerInvitation } from '../groups/answer-invitation.tsx';
import { Failure } from '../parts/failure.tsx';
import { Text } from '../parts/page.tsx';
import { useAgents, useGroups, useReviews } from '../queries.ts';
import { Decide } from '../reviews/decide.tsx';

/** Of each kind, so many; the rest is counted. */
const SHOWN = 10;

/** What only a person can decide or mend; empty on a good day. */
export function NeedsYou() {
  const requests = usePeople({ status: 'pending', direction: 'received' });
  const [agents, groups, reviews] = [useAgents(), useGroups('invited'), useReviews()];
  const failed = [requests, groups, reviews].find(({ error }) => error !== null)?.error;
  const isLoading = [agents, requests, groups, reviews].some(({ isPending }) => isPending);
  const needs = [
    some(reviews.data, 'messages to decide about', (one) => <Held key={one.review_id} review={one} />),
    some(requests.data, 'friend requests', (one) => <Request key={one.id} friend={one} />),
    some(groups.data, 'invitations', (one) => <Invitation key={one.group_id} group={one} />),
    some(all(agents.data?.filter(isTroubled)), 'agents in trouble', (one) => (
      <Trouble key={one.id} agent={one} />
    )),
    some(all(agents.data?.filter(hasDeadLetters)), 'agents with dead letters', (one) => (
      <DeadLetters key={one.id} agent={one} />
    )),
  ].flat();
  return (
    <section aria-labelledby="needs-you">
      <h2 id="needs-you">Needs you</h2>
      {failed && <Failure error={failed} />}
      {needs.length > 0 && <ul class="needs">{needs}</ul>}
      {needs.length === 0 && !failed && <p>{isLoading ? 'Looking …' : 'Nothing. All is well.'}</p>}
    </section>
  );
}

function some<Item>(
  { items, next }: PageOf<Item> = all<Item>(),
  what: string,
  show: (item: Item) => ComponentChildren,
) {
  const more = items.length - SHOWN;
  const count = next === undefined ? more : `${more} or more`;
  return [
    ...items.slice(0, SHOWN).map(show),
    ...(more > 0 ? [<li key={what}>{`And ${count} further ${what}.`}</li>] : []),
  ];
}

function all<Item>(items: Item[] = []): PageOf<Item> {
  return { items, next: undefined };
}

const hasDeadLetters = ({ health }: Agent) => health.dead_letters > 0;

function Need({ children, actions }: { children: ComponentChildren; actions: ComponentChildren }) {
  return (
    <li>
      <div>{children}</div>
      <div class="actions">{actions}</div>
    </li>
  );
}

function Request({ friend }: { friend: Friend }) {
  return (
    <Need actions={<AnswerRequest friend={friend} />}>
      <Text>{friend.username}</Text> asks for your friendship
    </Need>
  );
}

function Invitation({ group }: { group: Group }) {
  return (
    <Need actions={<AnswerInvitation group={group} />}>
      You are invited to the group <Text>{group.name}</Text>
    </Need>
  );
}

function Held({ review }: { review: Review }) {
  const { recipient, message_preview, summary } = review;
  const to = recipient.username ?? 'a group';
  return (
    <Need actions={<Decide review={review} to={to} />}>
      A message of yours to <Text>{to}</Text> is held: <Text>{summary}</Text>{' '}
      <a href="/console/reviews">Look</a>
      <blockquote>
        <Text>{message_preview}</Text>
      </blockquote>
    </Need>
  );
}

function Trouble({ agent }: { agent: Agent }) {
  return (
    <Need
      actions={
        <a class="button" href={`/console/agents/${agent.id}`}>
          Look
        </a>
      }
    >
      <span class="state failing" aria-hidden="true">
        ■
      </span>{' '}
      <AgentName agent={agent} />: <HealthSentence health={agent.health} />
    </Need>
  );
}

function DeadLetters({ agent }: { agent: Agent }) {
  const { dead_letters } = agent.health;
  return (
    <Need actions={<ResendDeadLetters agent={agent} />}>
      {dead_letters === 1 ? 'One dead letter' : `${dead_letters} dead letters`} to <AgentName agent={agent} />
    </Need>
  );
}
