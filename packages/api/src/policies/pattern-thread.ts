import { parentPort } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import type { RE2JS } from 're2js';
import { compilePattern } from './pattern.ts';

/** Instructions of all patterns that are kept compiled; one policy has a thousand at most. */
const MAX_PROGRAM_SIZE = 20_000;

/** A question to the thread. */
export interface PatternQuestion {
  patterns: readonly string[];
  text: string;
}

/** Those of the patterns that the text matches, and what it cost. */
export interface PatternAnswer {
  matched: readonly string[];
  cpuMs: number;
}

const compiled = new LRUCache<string, RE2JS>({
  maxSize: MAX_PROGRAM_SIZE,
  sizeCalculation: (matcher) => Math.max(1, matcher.programSize()),
});

parentPort?.on('message', ({ patterns, text }: PatternQuestion) => {
  const before = process.threadCpuUsage();
  const matched = patterns.filter((pattern) => matcherFor(pattern).test(text));
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage({ matched, cpuMs: (user + system) / 1000 } satisfies PatternAnswer);
});
// Ready for questions.
parentPort?.postMessage(undefined);

function matcherFor(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const matcher = compilePattern(pattern);
  compiled.set(pattern, matcher);
  return matcher;
}
