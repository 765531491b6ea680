import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Clock } from '@mahilo/shared/clock';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/database';
import type { EgressClient } from '@mahilo/shared/egress/client';
import type { NewId } from '@mahilo/shared/ids';
import type { Random } from '@mahilo/shared/random';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ApiDatabase } from './access/api-database.ts';
import type { OperatorTool } from './operator-tool.ts';
import type { ApiTelemetry } from './telemetry.ts';

/** What the API's features use. */
export interface ApiDeps {
  settings: Settings;
  db: ApiDatabase;
  clock: Clock;
  random: Random;
  newId: NewId;
  keys: KeyRing;
  log: FastifyBaseLogger;
  telemetry: ApiTelemetry;
  egress: EgressClient;
  operatorTool: OperatorTool;
}

/** What the API is built from. Tests pass their own clock, randomness and database. */
export interface AppDeps extends Omit<ApiDeps, 'db'> {
  db: Database;
}

/** A Fastify instance whose route schemas (TypeBox) type the requests. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
