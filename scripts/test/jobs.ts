import { onStop, succeeds, succeedsBeside } from '../process/run-program.ts';
import { Tester } from './tester-process.ts';

export type Command = readonly [program: string, ...programArguments: string[]];

/** Runs for a step, which passes when all its jobs succeed: a command, or the tests of a file. */
export type Job<Step> = { step: Step } & ({ command: Command } | { testFile: string });

/** The end of a job, and how many jobs of its step have not succeeded. */
type Ended<Step> = (job: Job<Step>, succeeded: boolean, left: number) => void;

/**
 * Runs the jobs of several steps beside each other, in this order, so that no processor waits for the end of a step.
 * After a failure no job of a later step begins; those of its own step do, and show what else fails.
 * @param lanes how many run at the same time; the test files of a lane share a process.
 * @returns whether all succeeded.
 */
export async function runJobs<Step>(
  steps: readonly Step[],
  jobs: readonly Job<Step>[],
  lanes: number,
  ended: Ended<Step>,
): Promise<boolean> {
  const runProgram = jobs.length === 1 ? succeeds : succeedsBeside;
  const waiting = [...jobs];
  const due = new Set(jobs);
  let lastStep = steps.length - 1;
  let passed = true;
  using _stopped = onStop(() => {
    lastStep = -1;
  });
  const next = () => {
    const at = waiting.findIndex(({ step }) => steps.indexOf(step) <= lastStep);
    return at === -1 ? undefined : waiting.splice(at, 1)[0];
  };
  const lane = async () => {
    await using tester = new Tester();
    for (let job = next(); job !== undefined; job = next()) {
      const succeeded =
        'command' in job
          ? await runProgram(job.command[0], job.command.slice(1))
          : await tester.passes(job.testFile);
      if (succeeded) due.delete(job);
      else lastStep = Math.min(lastStep, steps.indexOf(job.step));
      passed &&= succeeded;
      const { step } = job;
      ended(job, succeeded, [...due].filter((one) => one.step === step).length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, jobs.length) }, lane));
  return passed;
}
