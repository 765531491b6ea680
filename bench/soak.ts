import type { machine } from './rig/machine.ts';

/** A sample at one moment of a soak. */
export interface SoakSample {
  /** Seconds since the beginning. */
  at: number;
  /** Latency (ms), from send to callback, of what has arrived since the sample before. */
  p50: number;
  p99: number;
  /** Sent and not yet arrived. */
  owed: number;
  apiMiB: number;
  workerMiB: number;
  walMiB: number;
  fileMiB: number;
}

/** The result of a soak. */
export interface Soak {
  date: string;
  machine: ReturnType<typeof machine>;
  perSecond: number;
  seconds: number;
  sent: number;
  lost: number;
  /** Callbacks that came more than once, after a worker was killed. */
  repeated: number;
  restarts: { at: number; what: string }[];
  samples: SoakSample[];
}
