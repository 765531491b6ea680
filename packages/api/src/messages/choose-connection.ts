/** A connection that a message could go to. */
export interface Choice {
  id: string;
  label: string;
  capabilities: readonly string[];
  routing_priority: number;
  status: 'active' | 'suspended';
  created_at: number;
}

export interface RoutingHints {
  labels?: readonly string[];
  tags?: readonly string[];
}

/**
 * Which connection takes a message: the first whose label is hinted at, else the first with a hinted capability, else
 * the best. Connections stand in this order: active before suspended (which still take messages, that wait), by falling
 * priority, the oldest first.
 */
export function chooseConnection(choices: readonly Choice[], hints: RoutingHints = {}): Choice | undefined {
  const ordered = [...choices].sort(
    (one, other) =>
      Number(one.status !== 'active') - Number(other.status !== 'active') ||
      other.routing_priority - one.routing_priority ||
      one.created_at - other.created_at ||
      (one.id < other.id ? -1 : 1),
  );
  const tags = new Set(hints.tags);
  return (
    ordered.find((choice) => hints.labels?.includes(choice.label)) ??
    // Capabilities may have to be read first.
    (tags.size > 0
      ? ordered.find((choice) => choice.capabilities.some((name) => tags.has(name)))
      : undefined) ??
    ordered[0]
  );
}
