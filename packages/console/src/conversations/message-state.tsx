import type { Message } from '../api.ts';

type Status = Message['status'];

const SHOWN: Readonly<Record<Status, readonly [shape: string, word: string]>> = {
  pending: ['○', 'waiting'],
  delivered: ['●', 'delivered'],
  failed: ['■', 'not delivered'],
  rejected: ['■', 'forbidden'],
};

/** How a message stands. A brief one has its word for who does not see the shape. */
export function MessageState({ status, isBrief = false }: { status: Status; isBrief?: boolean }) {
  const [shape, word] = SHOWN[status];
  return (
    <span class={`state ${status === 'rejected' ? 'failed' : status}`}>
      <span aria-hidden="true">{shape}</span> {isBrief ? <span class="unseen">{word}: </span> : word}
    </span>
  );
}

/** How many have it of those that it is for, and after how many attempts. */
export function countsOf({ delivery_counts }: Pick<Message, 'delivery_counts'>): string {
  if (delivery_counts === undefined) return '';
  const { delivered, waiting, failed, cancelled, attempts } = delivery_counts;
  const all = delivered + waiting + failed + cancelled;
  return [
    all > 1 ? `${delivered} of ${all} delivered` : '',
    attempts > 0 ? `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}
