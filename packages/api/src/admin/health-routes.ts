import { settingsInForce } from '@mahilo/operator/settings-in-force';
import { isoTime } from '@mahilo/shared/clock';
import { nearlySettings, processEnvironment } from '@mahilo/shared/config/load';
import { VERSION } from '@mahilo/shared/version';
import type { Static } from 'typebox';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import {
  type DoctorAnswer,
  HealthAnswer,
  ProcessesAnswer,
  SecretAnswer,
  type SecretCounts,
  type SettingAnswer,
  SettingsAnswer,
} from './health-schemas.ts';
import { Memory } from './remembered.ts';
import { OPERATOR, REFUSALS } from './route-options.ts';
import { workersOf } from './worker-processes.ts';

/** The doctor and the state of the secret are found out at most so often (ms). */
const REMEMBERED_MS = 30_000;

/** How the registry is: what its doctor says, the processes, the settings, the secret. */
export function registerHealthOfRegistry(app: App, deps: ApiDeps): void {
  const { db, clock, settings, operatorTool } = deps;
  const stop = new AbortController();
  app.addHook('onClose', async () => stop.abort());
  const doctor = new Memory(clock, REMEMBERED_MS, () => operatorTool<DoctorAnswer>(['doctor'], stop.signal));
  const secret = new Memory(clock, REMEMBERED_MS, () =>
    operatorTool<SecretCounts>(['secret', 'status'], stop.signal),
  );

  app.get(
    '/health',
    {
      schema: {
        ...OPERATOR,
        operationId: 'getRegistryHealth',
        summary: 'What the doctor says',
        errors: REFUSALS,
        response: answers({ 200: HealthAnswer }),
      },
    },
    async () => {
      const { value, at } = await doctor.get();
      return { ...value, checked_at: isoTime(at) };
    },
  );

  app.get(
    '/processes',
    {
      schema: {
        ...OPERATOR,
        operationId: 'listProcesses',
        summary: 'The version of the API, and the workers',
        errors: REFUSALS,
        response: answers({ 200: ProcessesAnswer }),
      },
    },
    async () => ({ version: VERSION, workers: await workersOf(db.kysely, clock.now()) }),
  );

  app.get(
    '/secret',
    {
      schema: {
        ...OPERATOR,
        operationId: 'getSecretState',
        summary: 'How far a change of SECRET_KEY is, and whose keys are still under another one',
        errors: REFUSALS,
        response: answers({ 200: SecretAnswer }),
      },
    },
    async () => {
      const { value, at } = await secret.get();
      return {
        ...value,
        checked_at: isoTime(at),
        previous_is_given: settings.SECRET_KEY_PREVIOUS !== undefined,
      };
    },
  );

  app.get(
    '/settings',
    {
      schema: {
        ...OPERATOR,
        operationId: 'listSettings',
        summary: 'Every setting of the API as it is in force; of secrets only whether they are set',
        errors: REFUSALS,
        response: answers({ 200: SettingsAnswer }),
      },
    },
    async () => ({
      settings: settingsInForce(settings, processEnvironment()).map(toSetting),
      warnings: nearlySettings(),
    }),
  );
}

function toSetting({
  isGiven,
  isSecret,
  value,
  default: otherwise,
  unit,
  ...setting
}: ReturnType<typeof settingsInForce>[number]): Static<typeof SettingAnswer> {
  return {
    ...setting,
    ...(value !== null && { value }),
    ...(otherwise !== null && { default: otherwise }),
    ...(unit !== null && { unit }),
    given: isGiven,
    secret: isSecret,
  };
}
