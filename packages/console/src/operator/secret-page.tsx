import './operator.css';
import { Copy } from '../parts/copy.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { LookedAt } from './looked-at.tsx';
import { type SecretState, useSecret } from './queries.ts';

/** How far a change of SECRET_KEY is. */
export function SecretPage() {
  const secret = useSecret();
  return (
    <Page title="Secret">
      <Loaded query={secret}>
        {(data) => (
          <>
            <p class="lead">{summary(data)}</p>
            <LookedAt at={data.checked_at} again={() => void secret.refetch()} isBusy={secret.isFetching} />
            <Counts secret={data} />
            <Users names={data.users_not_current} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function summary({
  api_keys,
  callback_secrets,
  check_value_is_previous,
  previous_is_given,
}: SecretState): string {
  const lost = api_keys.lost + callback_secrets.lost;
  if (lost > 0) return `${lost} keys and secrets are under a secret that is not given: they do not work.`;
  const previous = api_keys.previous + api_keys.unknown + callback_secrets.previous;
  if (previous > 0 || check_value_is_previous) {
    return 'Keep SECRET_KEY_PREVIOUS. Callback secrets change over by themselves within minutes, an API key when it is used.';
  }
  return previous_is_given
    ? 'All are under SECRET_KEY: SECRET_KEY_PREVIOUS is not needed any more.'
    : 'All are under SECRET_KEY. No change is under way.';
}

function Counts({ secret: { api_keys, callback_secrets } }: { secret: SecretState }) {
  const rows = [
    ['SECRET_KEY', api_keys.current, callback_secrets.current],
    ['SECRET_KEY_PREVIOUS', api_keys.previous, callback_secrets.previous],
    ['neither of them', api_keys.lost, callback_secrets.lost],
    ['not known before their next use', api_keys.unknown, 0],
  ] as const;
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Under</th>
          <th scope="col">API keys</th>
          <th scope="col">Callback secrets</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([under, keys, secrets]) => (
          <tr key={under}>
            <th scope="row">{under}</th>
            <td data-name="API keys" class="number">
              {keys.toLocaleString('en')}
            </td>
            <td data-name="Callback secrets" class="number">
              {secrets.toLocaleString('en')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Users({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <section aria-labelledby="not-current">
      <h2 id="not-current">Whose keys are not under it</h2>
      <p>Their keys stop working when SECRET_KEY_PREVIOUS goes, unless they use them before.</p>
      <p class="words">
        {names.map((name) => (
          <a key={name} href={`/console/operator/users?q=${name}`}>
            {name}
          </a>
        ))}
      </p>
      <Copy text={names.join('\n')} what="the names" />
    </section>
  );
}
