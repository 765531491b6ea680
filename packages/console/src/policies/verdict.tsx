import type { ComponentChildren } from 'preact';
import type { TriedMessage } from '../api.ts';
import { Text } from '../parts/page.tsx';
import { Effect } from './effect.tsx';

type Concerned = TriedMessage['concerned'][number];
type Span = Concerned['spans'][number];

const SENTENCES: Readonly<Record<TriedMessage['effect'], string>> = {
  allow: 'It would be sent.',
  ask: 'It would be held, for you to decide.',
  deny: 'It would not be sent.',
};

/** What of a policy's rules a message breaks, for people. */
const BREACHES: Readonly<Record<string, (index: number) => string>> = {
  blockedPatterns: (index) => `It matches pattern ${index + 1}.`,
  requiredPatterns: (index) => `It does not match pattern ${index + 1}, as it must.`,
  maxLength: () => 'It is too long.',
  minLength: () => 'It is too short.',
  requireContext: () => 'It has no context.',
  blockedRecipients: () => 'It goes to somebody whom the policy names.',
  trustedRecipients: () => 'It goes to somebody whom the policy does not name.',
};

function breachOf({ rule = '', index = 0, reason }: Concerned): string {
  return BREACHES[rule]?.(index) ?? `${reason}.`;
}

/** What policies say about a message, which of them decides, and where it matches. */
export function Verdict({ message, answer }: { message: string; answer: TriedMessage }) {
  const { effect, concerned, enforced } = answer;
  const spans = concerned.flatMap((one) => one.spans);
  return (
    <div role="status">
      <p class="lead">
        <Effect effect={effect} /> · {SENTENCES[effect]}
      </p>
      {concerned.length === 0 && <p>No policy concerns it.</p>}
      {concerned.length > 0 && (
        <ol class="plain">
          {concerned.toSorted(decidingFirst).map((one) => (
            <li key={one.policy_id ?? 'draft'}>
              <Effect effect={one.effect} />{' '}
              {one.decides ? <strong>This decides.</strong> : 'Concerns it too.'} {breachOf(one)}
              <span class="fine">
                {one.policy_id === undefined ? (
                  'The policy that you are writing'
                ) : (
                  <a href={`/console/policies/${one.policy_id}`}>The policy</a>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
      {spans.length > 0 && (
        <blockquote>
          <Text>{marked(message, spans)}</Text>
        </blockquote>
      )}
      <p class="fine">
        {enforced
          ? 'This registry judges each message that it can read, beside your agents.'
          : 'This registry judges no messages (TRUSTED_MODE is off): your agents do.'}
      </p>
    </div>
  );
}

function decidingFirst(one: Concerned, other: Concerned): number {
  return Number(other.decides) - Number(one.decides);
}

/** The message with the places that patterns match. */
function marked(message: string, spans: readonly Span[]): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (end <= Math.max(at, start)) continue;
    const from = Math.max(at, start);
    parts.push(message.slice(at, from), <mark key={from}>{message.slice(from, end)}</mark>);
    at = end;
  }
  return [...parts, message.slice(at)];
}
