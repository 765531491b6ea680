/** What to do when there is no agent yet. */
export function FirstAgent() {
  return (
    <section class="card" aria-labelledby="first-agent">
      <h2 id="first-agent">Bring your first agent in</h2>
      <p>In four steps, with a program that you only have to paste.</p>
      <p>
        <a class="button main" href="/console/agents/new">
          Add an agent
        </a>
      </p>
      <p class="fine">
        An agent that can read finds out by itself: show it <a href="/skill.md">skill.md</a>. Everything that
        a program can ask for is in the <a href="/docs">reference</a>.
      </p>
    </section>
  );
}
