import { useState } from 'preact/hooks';
import { Loaded } from '../parts/loaded.tsx';
import { Time } from '../parts/time.tsx';
import { useLimits } from '../queries.ts';

/** How much of everything one has, and may have; counted when somebody wants to see it, which may take a second. */
export function LimitsInForce() {
  const [isOpen, setOpen] = useState(false);
  return (
    <section aria-labelledby="limits">
      <h2 id="limits">Limits</h2>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>How much of everything you have, and may have</summary>
        {isOpen && <Table />}
      </details>
    </section>
  );
}

function Table() {
  return (
    <Loaded query={useLimits()}>
      {(limits) => (
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col">Used</th>
              <th scope="col">Of</th>
            </tr>
          </thead>
          <tbody>
            {limits.map(({ name, used, limit, resets_at }) => (
              <tr key={name}>
                <th scope="row">
                  {wordsOf(name)}
                  {resets_at !== undefined && (
                    <span class="fine">
                      counted anew <Time at={resets_at} />
                    </span>
                  )}
                </th>
                <td data-name="Used" class="number">
                  {used.toLocaleString('en')}
                </td>
                <td data-name="Of" class="number">
                  {limit.toLocaleString('en')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Loaded>
  );
}

/** `agents_per_user` as `agents`: whose they are is clear here. */
function wordsOf(name: string): string {
  return name.replace(/_per_user$/, '').replaceAll('_', ' ');
}
