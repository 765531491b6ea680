import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import type { Settlement } from '@mahilo/shared/outbox/settle';

/** How one attempt ended: what to settle, and what it says about the agent. */
export interface Attempted {
  delivery: LeasedDelivery;
  settlement: Settlement;
  /** Undefined when the attempt says nothing about the agent. */
  succeeded: boolean | undefined;
  /** The agent asked to hear no more (410). */
  gone: boolean;
}
