import type { Clock } from '@mahilo/shared/clock';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/open';
import type { EgressClient } from '@mahilo/shared/egress/client';
import type { NewId } from '@mahilo/shared/ids';
import type { RetryPolicy } from '@mahilo/shared/outbox/backoff';
import type { Random } from '@mahilo/shared/random';
import type { KeyRing } from '@mahilo/shared/sealing/keys';
import type { Secrets } from './secrets.ts';
import type { Telemetry } from './telemetry.ts';

/** What a worker is built from. */
export interface WorkerDeps {
  settings: Settings;
  retryPolicy: RetryPolicy;
  db: Database;
  clock: Clock;
  random: Random;
  newId: NewId;
  keys: KeyRing;
  secrets: Secrets;
  telemetry: Telemetry;
  egress: EgressClient;
}
