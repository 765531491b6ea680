import { createRequire } from 'node:module';
import type * as Re2js from 're2js';

let loaded: typeof Re2js | undefined;

/** Loads the engine when a pattern is first used: with its tables of Unicode it is large, and few people write patterns. */
function engine(): typeof Re2js.RE2JS {
  loaded ??= createRequire(import.meta.url)('re2js') as typeof Re2js;
  return loaded.RE2JS;
}

/**
 * Compiles a user's regular expression, ignoring case. RE2 matches in linear time, whatever the pattern
 * (github.com/google/re2/wiki/WhyRE2); in return it has no lookaround and no backreferences.
 * @throws Error when RE2 does not know the syntax.
 */
export function compilePattern(pattern: string): Re2js.RE2JS {
  const RE2JS = engine();
  return RE2JS.compile(re2Syntax(pattern), RE2JS.CASE_INSENSITIVE);
}

/** A pattern as RE2 takes it: agents that enforce the same policy in JavaScript may write `\u0041` or `\/`. */
export function re2Syntax(pattern: string): string {
  return engine().translateRegExp(pattern);
}
