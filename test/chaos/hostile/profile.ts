import { enterNamespace, isInNamespace } from './namespace.ts';
import { reportOf } from './report.ts';
import { runHostile } from './run.ts';

export const HOSTILE = 'hostile';
/** The positive control: the same run with the bounds switched off must fail. */
export const WITHOUT_BOUNDS = 'without-bounds';

const ALONE_MS = 20_000;
const ATTACK_MS = 60_000;

/** Runs the hostile profile, or its control, in a network namespace, and prints the report. @returns the exit code. */
export async function runHostileProfile(
  control: string | undefined,
  progress: (line: string) => void,
): Promise<number> {
  if (control !== undefined && control !== WITHOUT_BOUNDS) {
    console.error(`The profile ${HOSTILE} has no control ${control}; it has ${WITHOUT_BOUNDS}.`);
    return 2;
  }
  if (!isInNamespace()) {
    const code = await enterNamespace();
    if (code === undefined)
      console.error('This profile needs root on Linux: it runs in a network namespace.');
    return code ?? 2;
  }
  const verdict = await runHostile({ aloneMs: ALONE_MS, attackMs: ATTACK_MS, progress });
  console.log(`\n${reportOf(verdict)}`);
  if (control === undefined) return verdict.valid ? 0 : 1;
  console.log(
    verdict.valid
      ? 'The harness did NOT find the product without bounds guilty.'
      : 'The harness found the product without bounds guilty, as it must.',
  );
  return verdict.valid ? 1 : 0;
}
