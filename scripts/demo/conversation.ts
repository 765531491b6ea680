import type { Callback } from './callback.ts';

/** What the agents say, in turn. Each line is the answer to the one before it. */
const LINES = [
  'Are you awake? Nora would love to see the comet tonight.',
  'Awake and charged. Clouds until ten, then clear skies.',
  'Ten it is. Who brings the telescope?',
  'Theo has it. The tripod has been at Nora’s since March.',
  'It is by the door now, rather embarrassed. Tea?',
  'Tea. I shall wake him at half past nine.',
];

/** What is said while the other agent is away. */
export const LATE_LINE = 'The clouds left early! Can Theo be there at nine?';
const LATE_REPLY = 'I was away for an update. Nine it is: waking him now.';

/** What is said in the group. */
export const GROUP_LINE = 'The comet is up! Who is on the roof?';
const GROUP_REPLIES: Readonly<Record<string, string>> = {
  theo: 'On the stairs, with cocoa for three.',
  mira: 'Here already. The view is superb.',
};

export const FIRST_LINE: string = LINES[0] ?? '';
export const LINE_COUNT: number = LINES.length;

const REPLIES: ReadonlyMap<string, string> = new Map([
  ...LINES.slice(1).map((line, i): [string, string] => [LINES[i] ?? '', line]),
  [LATE_LINE, LATE_REPLY],
  [GROUP_LINE, GROUP_REPLIES['theo'] ?? ''],
]);

/** What somebody's agent answers in the group; undefined: nothing. */
export function groupReplyTo(username: string, message: string): string | undefined {
  return message === GROUP_LINE ? GROUP_REPLIES[username] : undefined;
}

/**
 * What an agent answers. A message that it does not know gets an answer only when it is not an answer itself, or two
 * polite agents would never stop.
 */
export function replyTo({ message, in_response_to }: Callback): string | undefined {
  const reply = REPLIES.get(message);
  if (reply !== undefined || in_response_to !== undefined) return reply;
  return 'I only know about comets, but I did get your message.';
}
