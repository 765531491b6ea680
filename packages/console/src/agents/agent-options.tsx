import type { Agent } from '../api.ts';

/** One's agents as the choices of a select, whose value is the id of one. */
export function AgentOptions({ agents }: { agents: readonly Agent[] }) {
  return (
    <>
      {agents.map(({ id, framework, label }) => (
        <option key={id} value={id}>
          {framework}/{label}
        </option>
      ))}
    </>
  );
}
