import envSchema from 'env-schema';
import { type Settings, settingsSchema } from './settings.ts';

/** sysexits(3) EX_CONFIG: something was wrong with the configuration. */
export const EXIT_CODE_CONFIG = 78;

/** What env-schema reports of a mistake (an Ajv error object). */
interface Fault {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration is wrong; `mistakes` has one sentence for each mistake. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

/**
 * Reads and validates the environment. An empty variable counts as unset, as compose files pass it.
 * @throws ConfigError with all mistakes at once.
 */
export function loadSettings(environment: Environment = process.env): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  let settings: Settings;
  try {
    settings = envSchema<Settings>({
      schema: structuredClone(settingsSchema),
      data: given,
      env: false,
      // `unit` and `secret` are for people and docs.
      ajv: { customOptions: (ajv) => ajv.addVocabulary(['unit', 'secret']) },
    });
  } catch (error) {
    const errors = (error as { errors?: Fault[] }).errors;
    if (errors === undefined) throw error;
    const sentences = new Map(errors.map((fault) => [variableOf(fault), sentenceFor(fault, given)]));
    throw new ConfigError([...sentences.values()]);
  }
  const mistakes = contradictions(settings);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return settings;
}

/**
 * Like {@link loadSettings}, for an entry point: mistakes go to standard error, a line each, and the process ends with
 * exit code 78.
 */
export function loadSettingsOrExit(): Settings {
  try {
    return loadSettings();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CODE_CONFIG);
  }
}

function variableOf(fault: Fault): string {
  return fault.keyword === 'required'
    ? String(fault.params['missingProperty'])
    : (fault.instancePath.split('/')[1] ?? '');
}

interface SettingFacts {
  type?: string;
  minimum?: number;
  maximum?: number;
  anyOf?: readonly { const: string }[];
  secret?: boolean;
}

function sentenceFor(fault: Fault, given: Environment): string {
  const name = variableOf(fault);
  const facts: SettingFacts = settingsSchema.properties[name as keyof Settings] ?? {};
  if (facts.secret) {
    const wrong = fault.keyword === 'required' ? 'is not set' : 'is too short';
    return `${name} ${wrong}: it must have at least 32 random characters, for example from \`openssl rand -base64 32\`.`;
  }
  return `${name} must be ${expectation(facts)}, but it is "${given[name]}".`;
}

function expectation(facts: SettingFacts): string {
  if (facts.anyOf) return `one of ${facts.anyOf.map((option) => option.const).join(', ')}`;
  if (facts.type === 'boolean') return 'true or false';
  if (facts.type === 'integer') return `a whole number from ${facts.minimum} to ${facts.maximum}`;
  if (facts.type === 'number') return `a number from ${facts.minimum} to ${facts.maximum}`;
  return 'a text that is not empty';
}

function contradictions(settings: Settings): string[] {
  const mistakes: string[] = [];
  if (/^postgres(ql)?:/.test(settings.DATABASE_URL)) {
    mistakes.push(
      'DATABASE_URL names a PostgreSQL server, which this version cannot use yet; give the path of a SQLite file.',
    );
  }
  if (settings.RETRY_BASE_MS > settings.RETRY_MAX_MS) {
    mistakes.push(
      `RETRY_BASE_MS (${settings.RETRY_BASE_MS}) must not be greater than RETRY_MAX_MS (${settings.RETRY_MAX_MS}).`,
    );
  }
  return mistakes;
}
