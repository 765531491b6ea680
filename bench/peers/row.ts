import type { Receiver } from '../bare/receiver-client.ts';
import type { Lab } from '../rig/lab.ts';
import type { OpenSide } from './side.ts';

/** A figure of the table. */
export interface Figure {
  key: string;
  label: string;
  unit: string;
  better: 'more' | 'less';
}

/** Figures by key; `null` where too little arrived to tell. */
export type Measured = Readonly<Record<string, number | null>>;

export interface Rig {
  lab: Lab;
  receiver: Receiver;
}

/** Figures that are measured together, on a side that was started for them. */
export interface Row {
  name: string;
  /** One sentence for `--help`. */
  about: string;
  figures: readonly Figure[];
  /** Its part of the time of a whole run. */
  share: number;
  /** `hint` is what the round before measured. */
  measure(side: OpenSide, rig: Rig, hint: Measured | undefined): Promise<Measured>;
}
