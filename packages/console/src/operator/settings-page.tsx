import './operator.css';
import { useState } from 'preact/hooks';
import { Loaded } from '../parts/loaded.tsx';
import { Page, Text } from '../parts/page.tsx';
import { type Settings, useSettings } from './queries.ts';

type Setting = Settings['settings'][number];

/** What is in force. It is changed where the processes are started. */
export function RegistrySettingsPage() {
  const settings = useSettings();
  const [wanted, setWanted] = useState('');
  const [isGivenOnly, setGivenOnly] = useState(false);
  const isWanted = ({ name, description, given }: Setting) =>
    (!isGivenOnly || given) && `${name} ${description}`.toLowerCase().includes(wanted.toLowerCase());
  return (
    <Page title="Registry settings">
      <p>
        As the API has them in force. They are changed in its environment, and take effect when it starts
        again.
      </p>
      <div class="find">
        <label>
          Find
          <input
            type="search"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isGivenOnly}
            onChange={({ currentTarget }) => setGivenOnly(currentTarget.checked)}
          />{' '}
          Only those that somebody has given
        </label>
      </div>
      <Loaded query={settings}>
        {(data) => (
          <>
            {data.warnings.map((warning) => (
              <p key={warning} class="failure">
                <Text>{warning}</Text>
              </p>
            ))}
            <Table settings={data.settings.filter(isWanted)} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Table({ settings }: { settings: readonly Setting[] }) {
  if (settings.length === 0) return <p>No setting is like that.</p>;
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">In force</th>
          <th scope="col">Default</th>
        </tr>
      </thead>
      <tbody>
        {settings.map((setting) => (
          <tr key={setting.name}>
            <th scope="row">
              <code>{setting.name}</code>
              <span class="fine">{setting.description.replaceAll('`', '')}</span>
            </th>
            <td data-name="In force">
              <div>
                <Text>{shown(setting, setting.value)}</Text>
                {setting.given && <span class="fine">given</span>}
              </div>
            </td>
            <td data-name="Default">
              <Text>{shown(setting, setting.default)}</Text>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shown({ unit }: Setting, value: string | undefined): string {
  if (value === undefined) return '–';
  return unit === undefined ? value : `${Number(value).toLocaleString('en')} ${unit}`;
}
