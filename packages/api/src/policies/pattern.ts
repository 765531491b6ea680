import { RE2JS } from 're2js';

/**
 * Compiles a user's regular expression, ignoring case. RE2 matches in linear time, whatever the pattern
 * (github.com/google/re2/wiki/WhyRE2); in return it has no lookaround and no backreferences.
 * @throws Error when RE2 does not know the syntax.
 */
export function compilePattern(pattern: string): RE2JS {
  return RE2JS.compile(re2Syntax(pattern), RE2JS.CASE_INSENSITIVE);
}

/** A pattern as RE2 takes it: agents that enforce the same policy in JavaScript may write `\u0041` or `\/`. */
export function re2Syntax(pattern: string): string {
  return RE2JS.translateRegExp(pattern);
}
