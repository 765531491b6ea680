import type { Receiver } from '../bare/receiver-client.ts';
import type { Lab } from '../rig/lab.ts';
import { postgres, redis, type StartServer } from '../rig/servers.ts';
import { ourSide } from './our-side.ts';
import { PEER_PACKAGES } from './packages.ts';
import { type Peer, peerSide } from './peer-side.ts';
import type { Side } from './side.ts';

export interface Sides {
  sides: Side[];
  /** Who cannot be measured here, each with the reason. */
  skipped: string[];
}

/** Us, and the peers that can run here. */
export function sidesOf(lab: Lab, receiver: Receiver, packages: string): Sides {
  const sides = [ourSide(lab, receiver)];
  const skipped: string[] = [];
  const add = (peer: Omit<Peer, 'packages' | 'server'>, server?: StartServer | string) => {
    if (typeof server === 'string') skipped.push(`${peer.name}: ${server}`);
    else sides.push(peerSide(lab, receiver, { ...peer, packages, ...(server && { server }) }));
  };
  const inPostgres = postgres(lab);
  add(
    {
      name: 'BullMQ, each second',
      about: `${versionOf('bullmq')} on Redis, appendfsync everysec: a power cut takes what was accepted in the last second`,
      queue: 'bullmq',
    },
    redis(lab, 'everysec'),
  );
  add(
    {
      name: 'BullMQ, always',
      about: `${versionOf('bullmq')} on Redis, appendfsync always`,
      queue: 'bullmq',
    },
    redis(lab, 'always'),
  );
  add(
    {
      name: 'graphile-worker',
      about: `${versionOf('graphile-worker')} on PostgreSQL, with its local queue and batched completion`,
      queue: 'graphile-worker',
    },
    inPostgres,
  );
  add(
    { name: 'pg-boss', about: `${versionOf('pg-boss')} on PostgreSQL, woken by NOTIFY`, queue: 'pg-boss' },
    inPostgres,
  );
  add({
    name: 'plainjob',
    about: `${versionOf('plainjob')} on SQLite, synchronous=FULL, asking each 100 ms`,
    queue: 'plainjob',
  });
  return { sides, skipped };
}

function versionOf(name: keyof typeof PEER_PACKAGES): string {
  return `${name} ${PEER_PACKAGES[name]}`;
}
