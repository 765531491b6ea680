import type { LocalDecision } from './commit-schemas.ts';

/** Most bytes that are kept of how an agent decided. What it says about each policy goes first, then its diagnostics. */
const MAX_BYTES = 32_768;

/** How an agent decided, as JSON for its owner to see. */
export function auditOf({ summary: _, decision: _2, delivery_mode: _3, ...told }: LocalDecision): string {
  const { evaluated_policies: _4, ...without } = told;
  const { diagnostics: _5, ...least } = without;
  const texts = [told, without, least].map((kept) => JSON.stringify(kept));
  return texts.find((text) => Buffer.byteLength(text) <= MAX_BYTES) ?? '{}';
}
