import type { machine } from './rig/machine.ts';

/** How things were at one moment of a soak. */
export interface SoakSample {
  /** Since the begin (s). */
  at: number;
  /** Of what arrived since the sample before, from the send to the callback (ms). */
  p50: number;
  p99: number;
  /** Sent, and not there yet. */
  owed: number;
  apiMiB: number;
  workerMiB: number;
  walMiB: number;
  fileMiB: number;
}

/** What came of a soak. */
export interface Soak {
  date: string;
  machine: ReturnType<typeof machine>;
  perSecond: number;
  seconds: number;
  sent: number;
  lost: number;
  /** Callbacks that came more than once, of workers that were killed. */
  repeated: number;
  restarts: { at: number; what: string }[];
  samples: SoakSample[];
}
