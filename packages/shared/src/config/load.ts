import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import envSchema, { type EnvSchemaOpt } from 'env-schema';
import { block } from '../block.ts';
import { errorText, SetupError } from '../errors.ts';
import { isPostgresUrl } from '../postgres-url.ts';
import { databasePlaceOf, serverPlaceOf } from './database-url.ts';
import { nearMisses } from './near-misses.ts';
import { networkMistakes } from './network-mistakes.ts';
import { publicOriginOf } from './public-url.ts';
import { readSecretFiles } from './secret-files.ts';
import { SECRET_KEY_MIN_LENGTH, type Settings, settingsSchema } from './settings.ts';

/** sysexits(3) EX_CONFIG: something was wrong with the configuration. */
export const EXIT_CODE_CONFIG = 78;

/** Files that Docker and Podman create in every container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'] as const;
/** Less than the 10 s after which Docker takes a start for a success and resets its restart delay. */
const RESTART_PAUSE_MS = 5000;

const DECIMAL = /^[+-]?\d+(\.\d+)?$/;

/** What env-schema reports of a mistake (an Ajv error object). */
interface Fault {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
}

/** Of env-schema, which would compile the schema anew each time that settings are loaded: a tool loads some three times. */
const schema = structuredClone(settingsSchema);
let ajv: EnvSchemaOpt['ajv'] = {
  customOptions(instance) {
    // `unit` and `secret` are for people and documents.
    ajv = instance.addVocabulary(['unit', 'secret']);
    return instance;
  },
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration is wrong; `mistakes` has one sentence for each mistake. */
export class ConfigError extends SetupError {
  override name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

/** The environment of this process. Only this reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Has SQLite keep beside the database what it sorts for an upgrade: elsewhere may be memory, or little room. To be called
 * before SQLite is first used, since it looks only then.
 */
export function sortBeside(database: string): void {
  if (isPostgresUrl(database)) return;
  process.env['SQLITE_TMPDIR'] ??= dirname(resolve(database));
}

/**
 * Reads and validates the environment. An empty variable counts as unset, as compose files pass it.
 * @throws ConfigError with all mistakes at once.
 */
export function loadSettings(environment: Environment = processEnvironment()): Settings {
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const secretFiles = readSecretFiles(variables, SECRET_KEY_MIN_LENGTH);
  const given = { ...variables, ...secretFiles.values };
  const faults = notNumbers(given);
  let settings: Settings | undefined;
  try {
    settings = envSchema<Settings>({ schema, data: given, env: false, ...(ajv && { ajv }) });
  } catch (error) {
    const { errors } = error as { errors?: Fault[] };
    if (errors === undefined) throw error;
    faults.push(...errors);
  }
  const sentences = new Map(faults.map((fault) => [variableOf(fault), sentenceFor(fault, given)]));
  for (const [name, sentence] of secretFiles.mistakes) sentences.set(name, sentence);
  const database = databasePlaceOf(given['DATABASE_URL'] ?? '');
  const publicUrl = publicOriginOf(given['PUBLIC_URL']);
  const mistakes = [
    ...sentences.values(),
    ...[database, publicUrl].flatMap(({ mistake = [] }) => mistake),
    ...listenMistakes(given['DATABASE_LISTEN_URL']),
    ...networkMistakes(given),
    ...(settings === undefined ? [] : contradictions(settings)),
  ];
  if (settings === undefined || mistakes.length > 0) throw new ConfigError(mistakes);
  if (database.place) settings.DATABASE_URL = database.place;
  if (publicUrl.origin) settings.PUBLIC_URL = publicUrl.origin;
  return settings;
}

/** A sentence for each variable that nobody reads although it is nearly the name of a setting. */
export function nearlySettings(environment: Environment = processEnvironment()): string[] {
  return nearMisses(Object.keys(environment), Object.keys(settingsSchema.properties)).map(
    ({ given, meant }) => `${given} is no setting and is not read; did you mean ${meant}?`,
  );
}

/**
 * For an entry point: runs `read`, which works on the configuration. When it throws, prints the error without a
 * stack, since it is a sentence for the operator, and ends the process with exit code 78.
 */
export function configuredOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    exitMisconfigured(errorText(error));
  }
}

/** Writes a sentence for the operator to standard error, and ends the process with exit code 78. */
export function exitMisconfigured(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  pauseInContainer();
  process.exit(EXIT_CODE_CONFIG);
}

/** Docker has no exit code that prevents a restart, and restarts four times in as many seconds. */
function pauseInContainer(): void {
  const isFirst = process.pid === 1 || process.ppid === 1;
  if (!isFirst || !CONTAINER_MARKS.some((file) => existsSync(file))) return;
  block(RESTART_PAUSE_MS);
}

/** The exit code of a process that ends because of an error: 78 when only a person can mend it, else 1. */
export function exitCodeFor(error: unknown): number {
  return error instanceof SetupError ? EXIT_CODE_CONFIG : 1;
}

/** Values that Ajv takes for numbers although nobody means them so: infinity passes all bounds, a blank is 0. */
function notNumbers(given: Environment): Fault[] {
  return Object.entries(settingsSchema.properties)
    .filter(([, { type }]: [string, SettingFacts]) => type === 'integer' || type === 'number')
    .filter(([name]) => given[name] !== undefined && !DECIMAL.test(given[name].trim()))
    .map(([name]) => ({ keyword: 'type', instancePath: `/${name}`, params: {} }));
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
  enum?: readonly string[];
  secret?: boolean;
}

function sentenceFor(fault: Fault, given: Environment): string {
  const name = variableOf(fault);
  const facts: SettingFacts = settingsSchema.properties[name as keyof Settings] ?? {};
  if (facts.secret) {
    const wrong = fault.keyword === 'required' ? 'is not set' : 'is too short';
    return `${name} ${wrong}: it must have at least ${SECRET_KEY_MIN_LENGTH} random characters, for example from \`openssl rand -base64 32\`.`;
  }
  return `${name} must be ${expectation(facts)}, but it is "${given[name]}".`;
}

function expectation(facts: SettingFacts): string {
  if (facts.enum) return `one of ${facts.enum.join(', ')}`;
  if (facts.type === 'boolean') return 'true or false';
  if (facts.type === 'integer') return `a whole number from ${facts.minimum} to ${facts.maximum}`;
  if (facts.type === 'number') return `a number from ${facts.minimum} to ${facts.maximum}`;
  return 'a text that is not empty';
}

function listenMistakes(url: string | undefined): string[] {
  if (url === undefined) return [];
  const { mistake } = serverPlaceOf(url, 'DATABASE_LISTEN_URL');
  return mistake === undefined ? [] : [mistake];
}

function contradictions(settings: Settings): string[] {
  const mistakes: string[] = [];
  if (settings.SECRET_KEY_PREVIOUS === settings.SECRET_KEY) {
    mistakes.push('SECRET_KEY_PREVIOUS is the same as SECRET_KEY: give the one before it, or none.');
  }
  if (settings.RETRY_BASE_MS > settings.RETRY_MAX_MS) {
    mistakes.push(
      `RETRY_BASE_MS (${settings.RETRY_BASE_MS}) must not be greater than RETRY_MAX_MS (${settings.RETRY_MAX_MS}).`,
    );
  }
  return mistakes;
}
