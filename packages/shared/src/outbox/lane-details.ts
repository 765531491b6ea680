import { sql } from 'kysely';

/** What an attempt needs to know of a delivery and of its connection, whatever it delivers. */
export interface LaneDetails {
  id: string;
  lease_token: string;
  attempts: number;
  attempts_before_cycle: number;
  created_at: number;
  cycle: number;
  bulk: 0 | 1;
  connection_id: string;
  connection_status: string;
  connection_mode: string;
  /** The owner of the connection. */
  user_id: string;
  registration: number;
  proven_at: number | null;
  /** When the registry's own trouble with its lane began (ms). */
  trouble_since: number | null;
  /** Since when the agent has only failed (ms). */
  failing_since: number | null;
  callback_url: string | null;
  callback_secret: Buffer | null;
  previous_secret: Buffer | null;
  previous_secret_expires_at: number | null;
}

/** Its columns, where outbox, connections and lanes are joined. */
export const LANE_DETAILS = sql.raw(`
  outbox.id, outbox.lease_token, outbox.attempts, outbox.attempts_before_cycle, outbox.created_at,
  outbox.cycle, outbox.bulk, connections.user_id, connections.registration, connections.proven_at,
  lanes.trouble_since, lanes.failing_since,
  connections.id as connection_id, connections.status as connection_status, connections.mode as connection_mode,
  connections.callback_url, connections.callback_secret, connections.previous_secret,
  connections.previous_secret_expires_at`);
