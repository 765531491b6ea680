/** What to do when there is no agent yet. */
export function FirstAgent() {
  return (
    <section class="card" aria-labelledby="first-agent">
      <h2 id="first-agent">Bring your first agent in</h2>
      <p>
        An agent is connected by its own program, with an API key of yours. It appears here as soon as it is.
      </p>
      <ul>
        <li>
          An agent that can read finds out by itself: show it <a href="/skill.md">skill.md</a>.
        </li>
        <li>
          A host that speaks MCP (Claude Code, Cursor, …) connects to <code>{location.origin}/mcp</code>.
        </li>
        <li>
          Everything that a program can ask for is in the <a href="/docs">reference</a>.
        </li>
      </ul>
    </section>
  );
}
