import type { ErrorDetail } from '@mahilo/shared/errors';
import { ProtocolError } from '@modelcontextprotocol/server';
import { RPC_CODE } from '../http/rpc-error.ts';

/** Most details in one answer, as everywhere. */
const MAX_DETAILS = 20;

/** The SDK's words for parameters that it does not take: a list of its validator's, perhaps after a sentence. */
const WORDS_OF_VALIDATOR = /^(?:Invalid [\w/]+ request: )?(\[.*\])$/s;

/** A mistake as the SDK's validator tells it. */
interface Issue {
  path: readonly (string | number)[];
  expected?: unknown;
}

/** What the client is told when a request fails: mistakes in its parameters as this API tells them, others as they are. */
export function inOurWords(thrown: unknown): unknown {
  const issues = thrown instanceof Error ? issuesIn(thrown.message) : undefined;
  if (issues === undefined) return thrown;
  const details = issues.slice(0, MAX_DETAILS).map(detailOf);
  const sentence = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new ProtocolError(RPC_CODE.invalidParams, `${sentence}.`, { code: 'INVALID_REQUEST', details });
}

function issuesIn(message: string): Issue[] | undefined {
  const [, list] = WORDS_OF_VALIDATOR.exec(message) ?? [];
  if (list === undefined) return undefined;
  try {
    const issues: unknown = JSON.parse(list);
    return Array.isArray(issues) && issues.length > 0 && issues.every(isIssue) ? issues : undefined;
  } catch {
    return undefined;
  }
}

function isIssue(value: unknown): value is Issue {
  return typeof value === 'object' && value !== null && 'path' in value && Array.isArray(value.path);
}

function detailOf({ path, expected }: Issue): ErrorDetail {
  const message =
    typeof expected !== 'string' ? 'is not valid' : `must be ${expected === 'record' ? 'object' : expected}`;
  return { path: path.join('.'), message };
}
