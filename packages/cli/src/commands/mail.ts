import { type Delivery, type Mahilo, MahiloError, SeenDeliveries } from '@mahilo/client';
import { type Command, Option } from 'commander';
import { addCommand, outputOf, wholeNumber } from '../command.ts';
import { CommandError, EXIT } from '../exit.ts';
import { textFrom } from '../input.ts';
import { forPeople, statusForPeople } from '../messages.ts';
import type { Output } from '../output.ts';
import { hasAnswered, type Replied, reply } from '../reply.ts';
import { openKeyedSession, openSession } from '../session.ts';
import { visible } from '../visible.ts';

interface SendFlags {
  wait?: number;
  agent?: string;
  topic?: string;
  context?: string;
  idempotencyKey?: string;
  encrypt?: boolean;
  plain?: boolean;
}

interface InboxFlags {
  follow?: boolean;
  keep?: boolean;
  agent?: string;
}

/** How long (s) a request for messages waits for one. */
const WAIT_S = 30;
const WAIT = 'wait for the delivery, at most 30 seconds';

/** `send`, `inbox`, `reply` and `status`. */
export function addMailCommands(program: Command): void {
  addCommand(
    program,
    'send <to> [text]',
    'send to a friend, or to a group by its id; without text, or with -, what comes on stdin',
    'mahilo send ben "Are you free on Friday?" --wait 10',
  )
    .option('--wait <seconds>', WAIT, wholeNumber(0, 30))
    .option('--agent <agent>', 'which of their agents: its label or its id')
    .option('--topic <topic>', 'names the conversation')
    .option('--context <text>', 'what the other agent should know beside')
    .option('--idempotency-key <key>', 'the same key again sends nothing twice')
    .option('--encrypt', 'encrypted or not at all; without it, where the other side has keys')
    .addOption(plain().conflicts('encrypt'))
    .action(async (to: string, text: string | undefined, flags: SendFlags, command: Command) => {
      const { mahilo, from, hasKeys } = await openKeyedSession();
      const { wait: waitSeconds = 0, encrypt, plain: isPlain, ...rest } = flags;
      const message = await textFrom(text);
      const sent = await mahilo.send({
        to,
        message,
        waitSeconds,
        encrypt: encrypt ? 'required' : hasKeys && !isPlain,
        ...rest,
        ...(from !== undefined && { from }),
      });
      await tell(outputOf(command), sent);
    });

  addCommand(
    program,
    'reply <message-id> [text]',
    'answer a message; in a group the answer goes to the group',
    'mahilo reply msg_01k8m2v7x4e9r8q3t5w6y7z8a9 "Yes, at eight"',
  )
    .option('--wait <seconds>', WAIT, wholeNumber(0, 30))
    .addOption(plain())
    .action(async (id: string, text: string | undefined, flags: SendFlags, command: Command) => {
      await answer(outputOf(command), id, await textFrom(text), flags);
    });

  addCommand(
    program,
    'inbox',
    'show the messages that wait for your polling agents, and mark them as read',
    'mahilo inbox --follow --json',
  )
    .option('-f, --follow', 'go on until Ctrl-C, also while the registry restarts')
    .option('--keep', 'leave them unread: they come again after a minute, and each look counts as an attempt')
    .option('--agent <id>', 'only those for this agent of yours')
    .action((flags: InboxFlags, command: Command) => showInbox(outputOf(command), flags));

  addCommand(
    program,
    'status <message-id>',
    'what became of a message, and why it still waits',
    'mahilo status msg_01k8m2v7x4e9r8q3t5w6y7z8a9',
  ).action(async (id: string, _options, command: Command) => {
    const output = outputOf(command);
    const { mahilo } = openSession();
    try {
      const message = await mahilo.request('GET', `/messages/${encodeURIComponent(id)}`);
      await output.data(message, statusForPeople(message));
    } catch (error) {
      const held = isNotFound(error) ? await heldMessage(mahilo, id) : undefined;
      if (held === undefined) throw error;
      await output.data(held, visible(`${id}  ${held.status}  ${held.summary}`));
    }
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof MahiloError && error.code === 'NOT_FOUND';
}

/** What is held is no message yet. */
async function heldMessage(mahilo: Mahilo, id: string) {
  const { reviews } = await mahilo.request('GET', '/plugin/reviews', { query: { limit: 100 } });
  return reviews.find(({ message_id }) => message_id === id);
}

const plain = () => new Option('--plain', 'in the open, whatever keys the other side has');

async function tell(output: Output, sent: Replied['sent']): Promise<void> {
  const { message_id, status, rejection_reason, encrypted, first_use: isNew = [] } = sent;
  await output.data(sent, visible(`${message_id}  ${status}${encrypted ? '  encrypted' : ''}`));
  if (isNew.length > 0)
    output.say(
      visible(
        `Keys seen for the first time: ${isNew.join(', ')}. \`mahilo verify\` shows digits to compare.`,
      ),
    );
  if (status === 'rejected')
    throw new CommandError(
      EXIT.refused,
      visible(`REJECTED: ${rejection_reason ?? 'a policy forbids the message'}`),
    );
  if (status === 'review_required')
    output.say(`It is held until you decide: POST /api/v1/plugin/reviews/${visible(message_id)}/decision.`);
  if (status === 'failed')
    throw new CommandError(EXIT.refused, `FAILED: \`mahilo status ${visible(message_id)}\` says why.`);
}

async function answer(output: Output, id: string, text: string, flags: SendFlags): Promise<void> {
  const session = await openKeyedSession();
  const { wait: waitSeconds = 0, plain: isPlain } = flags;
  const { sent, deliveries } = await reply(session, id, text, { waitSeconds, plain: isPlain });
  if (hasAnswered(sent) && !(await markAsRead(session.mahilo, deliveries)))
    output.say('The message that you have answered still waits: `mahilo inbox` marks it as read.');
  await tell(output, sent);
}

/** What was answered need not come again, where it was fetched and not acknowledged. @returns whether nothing waits. */
async function markAsRead(
  mahilo: Mahilo,
  deliveries: readonly { id: string; held_by?: string }[],
): Promise<boolean> {
  const waiting = deliveries.filter(({ held_by }) => held_by === 'polling').map(({ id }) => id);
  if (waiting.length === 0) return true;
  const body = { delivery_ids: waiting };
  return (await mahilo.request('POST', '/inbox/ack', { body })).acknowledged === waiting.length;
}

async function showInbox(output: Output, { follow = false, keep = false, agent }: InboxFlags): Promise<void> {
  const ending = new AbortController();
  if (follow) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  const waitSeconds = follow ? WAIT_S : 0;
  const options = { waitSeconds, connectionId: agent, signal: ending.signal };
  if (keep) return lookAtInbox(output, options);
  const shown = new SeenDeliveries();
  const changed = new Set<string>();
  for await (const { receipt: _, ...message } of (await openKeyedSession()).mahilo.inbox(options)) {
    // What stays encrypted for now comes again and again.
    if (message.unopened !== undefined && !shown.add(message.delivery_id)) continue;
    await output.data(message, forPeople(message));
    if (message.unopened?.code === 'KEY_CHANGED') changed.add(message.sender);
  }
  if (changed.size > 0) throw keyChanged([...changed]);
}

/** These messages wait until their keys are accepted. */
function keyChanged(usernames: readonly string[]): MahiloError {
  const sentence = `${usernames.join(', ')}: other keys than before. Their messages wait, and come again a minute after each look.`;
  return new MahiloError('KEY_CHANGED', sentence, { status: 0 });
}

interface Look {
  waitSeconds: number;
  connectionId: string | undefined;
  signal: AbortSignal;
}

/** Prints each message once, and acknowledges none. */
async function lookAtInbox(output: Output, look: Look): Promise<void> {
  await openSession().mahilo.me();
  // From here on the registry may restart.
  const { mahilo } = openSession(look.waitSeconds > 0 ? { retries: Number.POSITIVE_INFINITY } : {});
  const seen = new SeenDeliveries();
  for (;;) {
    const delivery = await firstOf(mahilo.inbox({ ...look, limit: 1 }));
    if (delivery === undefined) return;
    if (seen.add(delivery.delivery_id)) await output.data(delivery, forPeople(delivery));
  }
}

/** The loop that ends here acknowledges nothing. */
async function firstOf(deliveries: AsyncIterable<Delivery>): Promise<Delivery | undefined> {
  for await (const delivery of deliveries) return delivery;
  return undefined;
}
