import type { Surroundings } from '../world/surroundings.ts';
import type { Seen } from './clients.ts';

/** The events of a user in the database. */
export async function logOf({ store }: Surroundings, username: string): Promise<Seen[]> {
  const rows = await store.query<{ id: number; type: string; data_json: string; created_at: number }>(
    'select events.* from events join users on users.id = user_id where username = ? order by events.id',
    username,
  );
  return rows.map(({ id, type, data_json, created_at }) => ({
    id: String(id),
    type,
    timestamp: new Date(created_at).toISOString(),
    data: JSON.parse(data_json),
  }));
}
