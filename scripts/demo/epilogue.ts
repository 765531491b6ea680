import type { Agent, Heard } from './agent.ts';
import type { Ending } from './bad-luck.ts';
import { DemoError } from './demo-error.ts';
import type { DemoMessage } from './person.ts';
import type { Narrator } from './print.ts';
import { type Company, news, type Stage } from './stage.ts';
import { until } from './wait.ts';

interface Attempt {
  attempt: number;
  started_at: string;
  duration_ms: number;
  outcome: string;
  status_code?: number;
  error?: string;
}

/** Shows the registry's record of the message that had to wait. */
export async function lookBack({ narrator, nora }: Stage, { late }: Ending): Promise<void> {
  await until('every message to be settled', () => settledMessages(nora));
  narrator.write();
  narrator.paragraph('What the registry wrote down about the message that had to wait:', '  ');
  narrator.write();
  tellAttempts(narrator, await attemptsOf(nora, late));
}

/** Checks that the registry's record matches what the agents saw, and sums it up. */
export async function sumUp(stage: Stage, company: Company, { awayMs }: Ending): Promise<void> {
  const { narrator, nora, theo } = stage;
  const accepted = await until('every message to be settled', () => settledMessages(nora));
  const inGroup = company.taken();
  const taken = [...news(nora), ...news(theo)].filter(({ group_id }) => group_id === undefined);
  const messages = new Map([...taken, ...inGroup].map((callback) => [callback.message_id, callback]));
  const answers = [...messages.values()].filter(({ in_response_to }) => in_response_to !== undefined);
  const answered = new Set(answers.map(({ in_response_to, sender }) => `${in_response_to} ${sender}`));
  if (messages.size !== accepted || answered.size !== answers.length)
    throw new DemoError(
      `${accepted} messages were accepted, ${messages.size} taken, ${answers.length - answered.size} answered twice.`,
    );
  const heard = [...nora.heard, ...theo.heard];
  const count = (kind: Heard['kind']) => heard.filter((one) => one.kind === kind).length;
  const delivered = taken.length + inGroup.length;
  narrator.heading('In short');
  const facts = [
    `${accepted} messages accepted, ${delivered} deliveries owed and made, ${accepted - messages.size} lost.`,
    `${count('new') + count('again')} callbacks with two valid signatures each, ${count('forged')} forged one refused.`,
    `${delivered - count('new')} fetched and acknowledged by agents without an address.`,
    `${count('again')} duplicate, known by its message id and not answered again.`,
    `The receiver was away for ${(awayMs / 1000).toFixed(1)} s, and a worker died meanwhile.`,
  ];
  for (const fact of facts) narrator.paragraph(`✓ ${fact}`, '  ');
}

/** How many messages there are, once all of them are delivered. */
async function settledMessages(agent: Agent): Promise<number | undefined> {
  const messages = (await agent.owner.call('GET', '/messages?limit=100')) as { status: string }[];
  return messages.every(({ status }) => status === 'delivered') ? messages.length : undefined;
}

async function attemptsOf(agent: Agent, sent: DemoMessage): Promise<Attempt[]> {
  return (await agent.owner.call('GET', `/deliveries/${sent.delivery_id}/attempts`)) as Attempt[];
}

function tellAttempts(narrator: Narrator, attempts: readonly Attempt[]): void {
  const firstDelivered = attempts.find(({ outcome }) => outcome === 'delivered')?.attempt ?? attempts.length;
  narrator.table(
    [
      { title: 'attempt', align: 'right' },
      { title: 'at', align: 'right' },
      { title: 'took', align: 'right' },
      { title: 'outcome', align: 'left' },
      { title: 'details', align: 'left' },
    ],
    attempts.map(({ attempt, started_at, duration_ms, outcome, status_code, error }) => [
      String(attempt),
      narrator.time(Date.parse(started_at) - performance.timeOrigin),
      `${duration_ms} ms`,
      outcome,
      error ?? `Status ${status_code}.${attempt > firstDelivered ? ' Nora had asked for it.' : ''}`,
    ]),
    attempts.map(({ outcome }) => (outcome === 'delivered' ? 'good' : 'bad')),
  );
}

/** What the reader can do next. */
export function tellNextSteps(narrator: Narrator): void {
  narrator.heading('What next');
  const steps: readonly (readonly [string, string])[] = [
    ['npm start', 'a registry of your own'],
    ['README.md', 'the same by hand with curl, in five minutes'],
    ['docs/agents.md', 'how to write an agent'],
    ['npm run demo -- --keep', 'this stage, left standing for you to play on'],
  ];
  for (const [what, why] of steps) narrator.write(`  ${what.padEnd(24)}${why}`);
}

/** How to play on the stage that is left standing. */
export function tellHowToPlay({ narrator, registry, nora, theo }: Stage): void {
  narrator.heading('The stage is yours');
  narrator.write();
  narrator.paragraph('Paste this into another terminal, and see here what arrives:', '  ');
  narrator.write();
  narrator.write(`MAHILO=${registry.url}`);
  narrator.write(`NORA=${nora.owner.apiKey}`);
  narrator.write(`THEO=${theo.owner.apiKey}`);
  narrator.write(
    [
      'curl $MAHILO/api/v1/messages/send -H "Authorization: Bearer $NORA" \\',
      '  -H "Content-Type: application/json" \\',
      '  -d \'{"recipient":"theo","message":"Is it too late for a comet?"}\'',
      'curl "$MAHILO/api/v1/messages?limit=3" -H "Authorization: Bearer $THEO"',
    ].join('\n'),
  );
  narrator.write();
  narrator.paragraph(`The API describes itself at ${registry.url}/docs. Ctrl-C ends it all.`, '  ');
  narrator.write();
}
