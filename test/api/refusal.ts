import assert from 'node:assert/strict';
import type { Answer } from '../world/client.ts';

/** Asserts that the answer is an error in the contract's form; `paths` are the fields that its details name. */
export function assertRefused(answer: Answer, status: number, code: string, paths?: readonly string[]): void {
  assert.deepEqual([answer.status, answer.json.code], [status, code], JSON.stringify(answer.json));
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(answer.json.request_id, answer.headers.get('x-request-id'));
  assert.match(answer.json.error, /^\S.*\.$/u);
  const known = new Set(['error', 'code', 'details', 'request_id']);
  assert.deepEqual(
    Object.keys(answer.json).filter((key) => !known.has(key)),
    [],
  );
  if (paths === undefined) return;
  const details: { path: string; message: string }[] = answer.json.details;
  assert.deepEqual(
    details.map(({ path }) => path),
    paths,
  );
  for (const { message } of details) assert.match(message, /\S/);
}
