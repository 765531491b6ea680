import { MahiloError } from '@mahilo/shared/errors';

export function noSuchAgent(): MahiloError {
  return new MahiloError('NOT_FOUND', 'You have no agent with this id.');
}
