import type { ComponentChildren } from 'preact';
import { ResendDeadLetters } from '../agents/agent-page.tsx';
import { AgentName } from '../agents/agents-page.tsx';
import { HealthSentence, isTroubled } from '../agents/health.tsx';
import type { Agent, Friend, Group, Review } from '../api.ts';
import { AnswerRequest } from '../friends/answer-request.tsx';
import { AnswerInvitation } from '../groups/answer-invitation.tsx';
import { Failure } from '../parts/failure.tsx';
import { Text } from '../parts/page.tsx';
import { useAgents, useGroups, useRequests, useReviews } from '../queries.ts';
import { Decide } from '../reviews/decide.tsx';

/** Of each kind, so many; the rest is counted. */
const SHOWN = 10;

/** What only a person can decide or mend; empty on a good day. */
export function NeedsYou() {
  const [agents, requests, groups, reviews] = [useAgents(), useRequests(), useGroups(), useReviews()];
  const failed = [requests, groups, reviews].find(({ error }) => error !== null)?.error;
  const isLoading = [agents, requests, groups, reviews].some(({ isPending }) => isPending);
  const needs = [
    some(reviews.data?.reviews ?? [], 'messages to decide about', (one) => (
      <Held key={one.review_id} review={one} />
    )),
    some(received(requests.data), 'friend requests', (one) => <Request key={one.id} friend={one} />),
    some(invited(groups.data), 'invitations', (one) => <Invitation key={one.group_id} group={one} />),
    some((agents.data ?? []).filter(isTroubled), 'agents in trouble', (one) => (
      <Trouble key={one.id} agent={one} />
    )),
    some((agents.data ?? []).filter(hasDeadLetters), 'agents with dead letters', (one) => (
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

function some<Item>(items: readonly Item[], what: string, show: (item: Item) => ComponentChildren) {
  const more = items.length - SHOWN;
  return [
    ...items.slice(0, SHOWN).map(show),
    ...(more > 0 ? [<li key={what}>{`And ${more} more ${what}.`}</li>] : []),
  ];
}

const received = (friends: readonly Friend[] = []) =>
  friends.filter(({ direction }) => direction === 'received');
const invited = (groups: readonly Group[] = []) => groups.filter(({ status }) => status === 'invited');
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
