import { readFileSync } from 'node:fs';

/** Each secret that a file may contain instead, as Docker, Kubernetes and systemd pass secrets. */
const SECRETS = ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'] as const;

type Values = Readonly<Record<string, string | undefined>>;

export interface SecretFiles {
  /** The secrets that were read, by the variable they replace. */
  values: Record<string, string>;
  /** A sentence for each secret that could not be read, by the same variable. */
  mistakes: ReadonlyMap<string, string>;
}

/**
 * Reads the secrets whose files the environment names: `SECRET_KEY_FILE` for `SECRET_KEY`. Ignores a line break at
 * the end. Never repeats the value of a variable, since it could be the secret itself under the wrong name.
 */
export function readSecretFiles(environment: Values, minLength: number): SecretFiles {
  const values: Record<string, string> = {};
  const mistakes = new Map<string, string>();
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`];
    if (path === undefined) continue;
    const { text, wrong } = contentOf(path, minLength);
    if (wrong !== undefined) {
      mistakes.set(name, `${name}_FILE ${wrong}`);
    } else if (environment[name] !== undefined && environment[name] !== text) {
      mistakes.set(name, `${name} and ${name}_FILE give different secrets: set only one of them.`);
    } else {
      values[name] = text;
    }
  }
  return { values, mistakes };
}

type Content = { text: string; wrong?: undefined } | { text?: undefined; wrong: string };

function contentOf(path: string, minLength: number): Content {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    return { wrong: `names a file that ${whyUnreadable(error)}.` };
  }
  if (text === '') return { wrong: 'names a file that is empty.' };
  if (text.length < minLength) {
    return {
      wrong: `names a file whose secret is too short: it must have at least ${minLength} characters.`,
    };
  }
  return { text };
}

function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'does not exist (a relative path starts at the working directory)';
  if (code === 'EACCES') return `this process (user ${process.getuid?.() ?? 'unknown'}) may not read`;
  if (code === 'EISDIR') return 'is a directory';
  return `cannot be read (${code ?? 'unknown error'})`;
}
