/** All that is one's own, as a file. The browser writes it as it comes, however much it is. */
export function TakeData() {
  return (
    <section aria-labelledby="take-data">
      <h2 id="take-data">Take your data with you</h2>
      <p>
        Your profile, agents, friends, groups, policies and messages, one line of JSON each. Its last line is
        of type <code>end</code>: then nothing is missing.
      </p>
      <p>
        <a class="button" href="/api/v1/auth/export" download>
          Download it
        </a>
      </p>
    </section>
  );
}
