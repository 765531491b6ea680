import { type DestinationStream, type Logger, pino } from 'pino';
import { isoTime, systemClock } from '../clock.ts';
import { LogOutput } from './log-output.ts';

/** Fields that could carry a secret, wherever an object with them is logged. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'api_key',
  'apiKey',
  'callback_secret',
  'callbackSecret',
  'callback_headers',
  'secret',
  'previousSecret',
  'SECRET_KEY',
  'SECRET_KEY_PREVIOUS',
]);

/** The logger of a process: JSON lines on standard output, with secrets redacted everywhere. */
export function createLogger(
  name: string,
  level: string,
  output: DestinationStream = new LogOutput(),
): Logger {
  const options = {
    name,
    level,
    timestamp: timeOfLines(),
    formatters: { log: redacted },
    hooks: { streamWrite: withoutKeys },
  };
  return pino(options, output);
}

/** Like pino's `isoTime`, but under load many lines have the same time, which is written once. */
function timeOfLines(): () => string {
  let at = Number.NaN;
  let written = '';
  return () => {
    const now = systemClock.now();
    if (now !== at) written = `,"time":"${isoTime(now)}"`;
    at = now;
    return written;
  };
}

/** An API key, also in a URL that has escaped its underscores. */
const API_KEY = /mhl(_|%5f)([0-9A-Za-z]{8,32})(_|%5f)[0-9A-Za-z]{32,}/gi;

/** A safety net: removes the secret part of API keys in paths, headers and errors before they reach the log. */
export function withoutKeys(text: string): string {
  return text.includes('mhl') || text.includes('MHL') ? text.replace(API_KEY, 'mhl_$2_[Redacted]') : text;
}

/**
 * Redacts secret fields. Pino's own redaction costs about as much as the rest of a line, because it looks for every
 * path in every object. This looks at the fields that are there, and copies an object only to redact it or to look
 * into it. Errors keep their own serializer.
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
