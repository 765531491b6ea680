import { MahiloError } from '@mahilo/shared/errors';
import type { ConnectionRow } from './connections.ts';

export function noSuchAgent(): MahiloError {
  return new MahiloError('NOT_FOUND', 'You have no agent with this id.');
}

/** While the operator holds an agent back its owner cannot have it called either. @throws MahiloError CONNECTION_INACTIVE */
export function assertNotHeld({ held_at }: Pick<ConnectionRow, 'held_at'>): void {
  if (held_at === null) return;
  throw new MahiloError('CONNECTION_INACTIVE', 'The operator holds this agent back: nothing is sent there.');
}
