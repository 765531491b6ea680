import { isoTime } from '@mahilo/shared/clock';
import { type ListedConnection, modeShown } from './connections.ts';
import { publicKeysShown } from './public-keys.ts';

/** An agent as friends of its owner see it; they are shown active ones only. */
export function toContact(row: ListedConnection) {
  return { ...described(row), status: 'active' as const };
}

/** An agent as its owner sees it. */
export function toAgent(row: ListedConnection) {
  return {
    ...described(row),
    mode: modeShown(row),
    callback_url: row.callback_url ?? undefined,
    callback_format: row.callback_format ?? undefined,
    status: row.status,
    last_seen: row.last_seen === null ? undefined : isoTime(row.last_seen),
    created_at: isoTime(row.created_at),
  };
}

function described(row: ListedConnection) {
  return {
    id: row.id,
    framework: row.framework,
    label: row.label,
    description: row.description ?? undefined,
    capabilities: JSON.parse(row.capabilities_json),
    routing_priority: row.routing_priority,
    public_key: row.public_key ?? undefined,
    public_key_alg: row.public_key_alg ?? undefined,
    ...publicKeysShown(row),
  };
}
