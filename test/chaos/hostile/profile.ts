import type { Environment } from '../../world/process.ts';
import { enterNamespace, isInNamespace } from './namespace.ts';
import { reportOf } from './report.ts';
import { runHostile } from './run.ts';

export const HOSTILE = 'hostile';
/** The positive control: the same run with the bounds switched off must fail. */
export const WITHOUT_BOUNDS = 'without-bounds';

/** Every bound so high that nobody reaches it. */
const NO_BOUNDS: Environment = {
  RATE_LIMIT: '1000000',
  RATE_LIMIT_IP: '1000000',
  REGISTRATIONS_PER_ADDRESS: '1000000',
  AGENTS_PER_USER: '1000000',
  POLICIES_PER_USER: '1000000',
  STORED_BYTES_PER_USER: '1000000000000',
  OWED_PER_USER: '1000000000',
  STREAMS_PER_USER: '1000000',
  MAX_STREAMS: '1000000',
  MAX_CONNECTIONS: '1000000',
  MAX_REQUEST_BYTES: '1000000000000',
  MAX_RESPONSE_BYTES: '1000000000000',
  IN_FLIGHT_PER_DESTINATION: '10000',
  UNPROVEN_PER_MINUTE: '1000000',
};

const DURATIONS = {
  full: { aloneMs: 20_000, attackMs: 60_000 },
  brief: { aloneMs: 5000, attackMs: 25_000 },
} as const;

export interface HostileRequest {
  control: string | undefined;
  /** A third of the time: for CI. */
  isBrief: boolean;
}

/** Runs the hostile profile, or its control, in a network namespace, and prints the report. @returns the exit code. */
export async function runHostileProfile(
  { control, isBrief }: HostileRequest,
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
  const environment = control === undefined ? {} : NO_BOUNDS;
  const verdict = await runHostile({ ...DURATIONS[isBrief ? 'brief' : 'full'], environment, progress });
  console.log(`\n${reportOf(verdict)}`);
  if (control === undefined) return verdict.valid ? 0 : 1;
  console.log(
    verdict.valid
      ? 'The harness did NOT find the product without bounds guilty.'
      : 'The harness found the product without bounds guilty, as it must.',
  );
  return verdict.valid ? 1 : 0;
}
