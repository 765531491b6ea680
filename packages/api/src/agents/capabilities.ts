import { MahiloError } from '@mahilo/shared/errors';
import { pathOfNul } from '../http/nul.ts';

const MAX_CAPABILITIES = 50;
const MAX_LENGTH = 64;

/**
 * Parses capabilities: an array, or the same as JSON text or comma-separated text.
 * @throws MahiloError INVALID_CAPABILITIES
 */
export function parseCapabilities(given: unknown): string[] {
  const list = typeof given === 'string' ? fromText(given) : given;
  if (!Array.isArray(list)) throw invalid('must be an array, or a JSON or comma-separated text');
  if (list.length > MAX_CAPABILITIES) throw invalid(`must have at most ${MAX_CAPABILITIES} entries`);
  if (!list.every(isCapability)) throw invalid(`must be texts of 1–${MAX_LENGTH} characters each`);
  return list;
}

function fromText(given: string): unknown {
  const trimmed = given.trim();
  if (!trimmed.startsWith('[')) {
    return trimmed
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  try {
    return JSON.parse(trimmed);
  } catch (cause) {
    throw invalid('is not valid JSON', cause);
  }
}

function isCapability(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0) return false;
  return [...value].length <= MAX_LENGTH && value.isWellFormed() && pathOfNul(value) === undefined;
}

function invalid(message: string, cause?: unknown): MahiloError {
  const details = [{ path: 'capabilities', message }];
  return new MahiloError('INVALID_CAPABILITIES', `capabilities ${message}.`, { details, cause });
}
