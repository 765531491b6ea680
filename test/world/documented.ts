import assert from 'node:assert/strict';
import { type ApiDocument, DocumentCheck, type GivenAnswer } from '@mahilo/shared/test/document-check';

/** Shared by all registries of a test process, which have the same document. */
let check: DocumentCheck | undefined;

/** Reads the OpenAPI document of a registry, and compares answers with it from now on. */
export async function readDocument(url: string): Promise<void> {
  check ??= new DocumentCheck((await (await fetch(`${url}/openapi.json`)).json()) as ApiDocument);
}

/** Fails the test when an answer is not what the document says. */
export function assertDocumented(answer: GivenAnswer): void {
  assert.equal(check?.problemOf(answer), undefined, 'the OpenAPI document says something else');
}
