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
  /** How many places to find, at most, where a pattern matches. Default: none. */
  mostSpans?: number;
}

/** A place in a text, in UTF-16 code units; `end` comes behind it. */
export interface Span {
  start: number;
  end: number;
}

/** Those of the patterns that the text matches, where each of them does, and what it cost. */
export interface PatternAnswer {
  matched: readonly string[];
  spans: readonly (readonly Span[])[];
  cpuMs: number;
}

const compiled = new LRUCache<string, RE2JS>({
  maxSize: MAX_PROGRAM_SIZE,
  sizeCalculation: (matcher) => Math.max(1, matcher.programSize()),
});

parentPort?.on('message', ({ patterns, text, mostSpans = 0 }: PatternQuestion) => {
  const before = process.threadCpuUsage();
  const matched = patterns.filter((pattern) => matcherFor(pattern).test(text));
  const spans = matched.map((pattern) => spansOf(matcherFor(pattern), text, mostSpans));
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage({ matched, spans, cpuMs: (user + system) / 1000 } satisfies PatternAnswer);
});
// Ready for questions.
parentPort?.postMessage(undefined);

function spansOf(pattern: RE2JS, text: string, most: number): Span[] {
  const spans: Span[] = [];
  const matcher = pattern.matcher(text);
  while (spans.length < most && matcher.find()) {
    spans.push({ start: matcher.start(), end: matcher.end() });
  }
  return spans;
}

function matcherFor(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const matcher = compilePattern(pattern);
  compiled.set(pattern, matcher);
  return matcher;
}
