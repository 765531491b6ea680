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

/** By what connections are ranked: active before suspended (which still take messages, that wait), then by falling priority. */
type Ranked = Pick<Choice, 'id' | 'routing_priority' | 'created_at'> & { status: string };

/** The best connections first, of equals the oldest. */
export function ranked<Connection extends Ranked>(connections: readonly Connection[]): Connection[] {
  return [...connections].sort(
    (one, other) =>
      Number(one.status !== 'active') - Number(other.status !== 'active') ||
      other.routing_priority - one.routing_priority ||
      one.created_at - other.created_at ||
      (one.id < other.id ? -1 : 1),
  );
}

/**
 * Which connection takes a message: the first whose label is hinted at, else the first with a hinted capability, else
 * that which wrote what is answered (`answered`), else the best.
 */
export function chooseConnection<Connection extends Choice>(
  choices: readonly Connection[],
  hints: RoutingHints = {},
  answered?: string,
): Connection | undefined {
  const ordered = ranked(choices);
  const tags = new Set(hints.tags);
  return (
    ordered.find((choice) => hints.labels?.includes(choice.label)) ??
    // Capabilities may have to be read first.
    (tags.size > 0
      ? ordered.find((choice) => choice.capabilities.some((name) => tags.has(name)))
      : undefined) ??
    ordered.find((choice) => choice.id === answered && choice.status === 'active') ??
    ordered[0]
  );
}
