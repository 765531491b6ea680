import { type Logger, pino } from 'pino';
import { LogOutput } from './log-output.ts';

/** Fields that could carry a secret, wherever an object with them is logged. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'api_key',
  'apiKey',
  'callback_secret',
  'callbackSecret',
  'secret',
  'previousSecret',
  'SECRET_KEY',
  'SECRET_KEY_PREVIOUS',
]);

/** The logger of a process: JSON lines on standard output; secrets are redacted wherever they stand. */
export function createLogger(name: string, level: string, output: LogOutput = new LogOutput()): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: redacted },
    hooks: { streamWrite: withoutKeys },
  };
  return pino(options, output);
}

/** An API key, also where a URL has escaped its underscores. */
const API_KEY = /mhl(_|%5f)([0-9A-Za-z]{8,32})(_|%5f)[0-9A-Za-z]{32,}/gi;

/** The net beneath: a key that somebody put into a path, a header or an error reaches no log; its id may. */
export function withoutKeys(text: string): string {
  return text.includes('mhl') || text.includes('MHL') ? text.replace(API_KEY, 'mhl_$2_[Redacted]') : text;
}

/**
 * Pino's own redaction costs about as much as the rest of a line, because it looks for every path in every object; this
 * looks at what is there, and makes a copy only where there is something to hide, or to look into. Errors keep their own
 * serializer.
 */
function redacted(fields: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(fields);
  if (!names.some((name) => SECRET_FIELDS.has(name) || isCompound(fields[name]))) return fields;
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    clean[name] = SECRET_FIELDS.has(name) ? '[Redacted]' : cleaned(value);
  }
  return clean;
}

function isCompound(value: unknown): boolean {
  return Array.isArray(value) || isPlainObject(value);
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isPlainObject(value) ? redacted(value) : value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
