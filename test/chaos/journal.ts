/** What a sender meant to send; the text begins with its `key`. */
export interface Intent {
  key: string;
  /** Whether that is an idempotency key, too: without one a send is never tried again. */
  isKeyed: boolean;
  /** Who must get it. */
  recipients: readonly string[];
  message: string;
  /** Set once the API answered 2xx, at that time (ms). */
  acknowledged?: { messageId: string; at: number };
  /** Answers that named another message for the same key. */
  contradicted: boolean;
}

/** The key of the send that a text is of. */
export function sendOf(text: string): string {
  return text.split(' ', 1)[0] ?? '';
}

/** A message as the receiving side saw it: in a callback or from an inbox. */
export interface Arrival {
  way: 'callback' | 'inbox';
  receiver: string;
  messageId: string;
  deliveryId: string;
  message: string;
  valid: boolean;
  at: number;
  behaviour: string;
  /** When the whole 2xx answer was handed to the network, or the acknowledgement was answered. */
  acceptedAt?: number;
  /** When a callback's answer was over, or its connection: a worker that reads it to the end records nothing before. */
  endedAt?: number;
}

/** A fault, and the time span (ms) in which it could have had an effect. */
export interface Fault {
  name: string;
  from: number;
  to: number;
  /** How many processes it killed. */
  kills: number;
}

/** Everything that happened in a run, seen from outside the product. */
export class Journal {
  readonly intents = new Map<string, Intent>();
  readonly arrivals: Arrival[] = [];
  readonly faults: Fault[] = [];
}
