import { LATE_LINE } from './conversation.ts';
import { DemoError } from './demo-error.ts';
import type { DemoMessage, Person } from './person.ts';
import { LEASE_MS } from './registry.ts';
import { news, type Stage } from './stage.ts';
import { TOPIC } from './talk.ts';
import { until } from './wait.ts';

/** Within this time (ms) after an attempt is due, a living worker would have made it. */
const OVERDUE_MS = 300;

/** What the epilogue still needs. */
export interface Ending {
  /** The message that was sent to an agent that was away. */
  late: DemoMessage;
  /** How long (ms) the agent was still away after that message was sent. */
  awayMs: number;
}

/** The fields of a delivery that the story uses. */
interface Delivery {
  attempts: number;
  status: string;
  next_attempt_at?: string;
  last_error?: string;
}

/** Act three: the receiver is away, the worker is killed, and the message arrives all the same. */
export async function surviveBadLuck(stage: Stage): Promise<Ending> {
  const { narrator, nora, theo } = stage;
  narrator.heading('3  Bad luck');
  await theo.stop();
  narrator.line('theo', 'The stargazer is switched off: its port is closed.', { tone: 'bad' });
  const sentAt = performance.now();
  const late = await nora.owner.send('theo', LATE_LINE, { correlation_id: TOPIC });
  narrator.line('nora', `“${LATE_LINE}”`);
  narrator.line('registry', `Accepted and on disk: ${late.message_id}.`);
  await tellFailure(stage, late, 1);
  await tellFailure(stage, late, 2);
  await replaceWorker(stage, late);
  await tellFailure(stage, late, 3);

  await theo.start();
  const awayMs = performance.now() - sentAt;
  narrator.line('theo', 'The stargazer is back, at the same URL.', { tone: 'good' });
  const attempt = await until('the late message', () => attemptThatBrought(stage, late));
  narrator.line('registry', `Delivered by attempt ${attempt}, under the same message id.`, { tone: 'good' });
  await until('the reply to the late message', () =>
    news(nora).find((callback) => callback.in_response_to === late.message_id),
  );
  await askAgain(stage, late);
  return { late, awayMs };
}

/** Reports a failed attempt as the API shows it. */
async function tellFailure({ narrator, nora }: Stage, sent: DemoMessage, attempt: number): Promise<void> {
  const { next_attempt_at, last_error } = await until(`attempt ${attempt}`, async () => {
    const delivery = await deliveryOf(nora.owner, sent);
    return delivery.attempts >= attempt && delivery.status === 'pending' ? delivery : undefined;
  });
  const seconds = Math.max(0, Date.parse(next_attempt_at ?? '') - Date.now()) / 1000;
  const next = `Next in ${seconds.toFixed(1)} s.`;
  narrator.line('registry', `Attempt ${attempt}: ${last_error ?? ''} ${next}`, { tone: 'bad' });
}

/** Kills the worker, lets the next attempt become overdue, and starts another worker. */
async function replaceWorker(stage: Stage, sent: DemoMessage): Promise<void> {
  const { registry, narrator, nora } = stage;
  await stage.worker.kill();
  narrator.line('registry', `kill -9 ${stage.worker.pid}: the worker is dead.`, { tone: 'bad' });
  // On a busy machine it may have died in an attempt: then the next one is due when its lease ends.
  const leaseEnd = Date.now() + LEASE_MS;
  await until('the time of the next attempt', async () => {
    const { next_attempt_at } = await deliveryOf(nora.owner, sent);
    const due = next_attempt_at === undefined ? leaseEnd : Date.parse(next_attempt_at);
    return due + OVERDUE_MS < Date.now() ? true : undefined;
  });
  narrator.line('registry', 'The next attempt is overdue, with nobody to make it.', { tone: 'bad' });
  stage.worker = await registry.startWorker();
  narrator.line('registry', `A new worker takes over from the disk (process ${stage.worker.pid}).`);
}

/** Resends the message: the agent recognizes it by its id. */
async function askAgain({ narrator, nora, theo }: Stage, sent: DemoMessage): Promise<void> {
  await until('the delivery to be settled', async () =>
    (await deliveryOf(nora.owner, sent)).status === 'delivered' ? true : undefined,
  );
  narrator.line('nora', 'Has it delivered once more (resend), to be sure.');
  await nora.owner.call('POST', `/deliveries/${sent.delivery_id}/resend`);
  await until('the message once more', () => theo.heard.find(({ kind }) => kind === 'again'));
}

async function deliveryOf(sender: Person, sent: DemoMessage): Promise<Delivery> {
  const message = (await sender.call('GET', `/messages/${sent.message_id}`)) as { deliveries: Delivery[] };
  const [delivery] = message.deliveries;
  if (delivery === undefined) throw new DemoError(`The message ${sent.message_id} has lost its delivery.`);
  return delivery;
}

function attemptThatBrought({ theo }: Stage, sent: DemoMessage): number | undefined {
  for (const heard of theo.heard)
    if (heard.kind === 'new' && heard.callback.message_id === sent.message_id) return heard.attempt;
  return undefined;
}
