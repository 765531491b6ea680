/**
 * Why to skip tests that need a program; false when it is there.
 * @throws Error in CI, where a skipped test would look like a passed one.
 */
export function skipWithout(program: string, isThere: boolean): string | false {
  if (isThere) return false;
  if (process.env['CI']) throw new Error(`${program} must be installed: apt-get install ${program}`);
  return `${program} is not on this machine.`;
}
