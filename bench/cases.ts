import type { Case } from './case.ts';
import { accept } from './cases/accept.ts';
import { acceptAlone } from './cases/accept-alone.ts';
import { deliver } from './cases/deliver.ts';
import { disk } from './cases/disk.ts';
import { flat } from './cases/flat.ts';
import { history } from './cases/history.ts';
import { hosts } from './cases/hosts.ts';
import { idle } from './cases/idle.ts';
import { large } from './cases/large.ts';
import { latency } from './cases/latency.ts';
import { neighbours } from './cases/neighbours.ts';
import { workers } from './cases/workers.ts';

export const CASES: readonly Case[] = [
  accept,
  acceptAlone,
  disk,
  deliver,
  latency,
  flat,
  neighbours,
  workers,
  hosts,
  idle,
  history,
  large,
];
