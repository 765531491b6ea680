import { parentPort } from 'node:worker_threads';
import type { RE2JS } from 're2js';
import { compilePattern } from './pattern.ts';

/** Patterns kept compiled. When there are more, all are forgotten and compiled again as they are used. */
const MAX_COMPILED = 200;

/** A question to the thread, which answers with the patterns that the text matches. */
export interface PatternQuestion {
  patterns: readonly string[];
  text: string;
}

const compiled = new Map<string, RE2JS>();

parentPort?.on('message', ({ patterns, text }: PatternQuestion) => {
  parentPort?.postMessage(patterns.filter((pattern) => matcherFor(pattern).test(text)));
});

function matcherFor(pattern: string): RE2JS {
  const cached = compiled.get(pattern);
  if (cached !== undefined) return cached;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  const matcher = compilePattern(pattern);
  compiled.set(pattern, matcher);
  return matcher;
}
