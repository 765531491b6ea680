import { fromUUIDBytes } from 'typeid-js';
import { v7 } from 'uuid';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

const SEQUENCE_BITS = 31;
/** UUIDv7 has 48 bits for the time. */
const LAST_MS = 2 ** 48 - 1;

/** The kinds of things that have ids, and their prefixes. */
export type IdPrefix =
  | 'usr'
  | 'conn'
  | 'frnd'
  | 'lnk'
  | 'grp'
  | 'mbr'
  | 'pol'
  | 'inv'
  | 'msg'
  | 'dlv'
  | 'wkr'
  | 'ses'
  | 'lgn'
  | 'prc';

export type NewId = (prefix: IdPrefix) => string;

/**
 * A source of TypeIDs (prefix + UUIDv7, RFC 9562 §5.7). Ids of one source sort in the order of their creation, also
 * within a millisecond and when the clock steps back.
 */
export function idSource(clock: Pick<Clock, 'now'>, random: Random): NewId {
  let lastMs = 0;
  let sequence = 0;
  return (prefix) => {
    const now = clock.now();
    const bytes = random.bytes(16);
    if (now > lastMs) {
      lastMs = now;
      // Half of the range stays free, so that counting within one millisecond cannot overflow. These bytes are not in
      // the id: where a sequence is given, v7 takes the last six.
      sequence = bytes.readUInt32BE() >>> (32 - SEQUENCE_BITS + 1);
    } else {
      sequence += 1;
    }
    return fromUUIDBytes(prefix, v7({ msecs: lastMs, seq: sequence, random: bytes }, new Uint8Array(16)));
  };
}

/**
 * The smallest id of a kind that can be created at `ms` or later; older ids are smaller. Clamps times that no id can
 * express.
 */
export function idAtTime(prefix: IdPrefix, ms: number): string {
  const smallest = new Uint8Array(16);
  v7({ msecs: Math.min(Math.max(ms, 0), LAST_MS), seq: 0, random: new Uint8Array(16) }, smallest);
  return fromUUIDBytes(prefix, smallest);
}
