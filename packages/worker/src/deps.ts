import type { Clock } from '@mahilo/shared/clock';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/database';
import type { EgressClient } from '@mahilo/shared/egress/client';
import type { NewId } from '@mahilo/shared/ids';
import type { RetryPolicy } from '@mahilo/shared/outbox/backoff';
import type { Random } from '@mahilo/shared/random';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import type { Secrets } from './secrets.ts';
import type { WorkerTelemetry } from './telemetry.ts';

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
  telemetry: WorkerTelemetry;
  egress: EgressClient;
}
