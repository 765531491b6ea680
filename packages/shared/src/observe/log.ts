import { type Logger, pino } from 'pino';

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
]);

/** The logger of a process: JSON lines on standard output; secrets are redacted wherever they stand. */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, timestamp: pino.stdTimeFunctions.isoTime, formatters: { log: redacted } });
}

/**
 * Pino's own redaction costs about as much as the rest of a line, because it looks for every path in every object; this
 * looks at what is there. Errors keep their own serializer.
 */
function redacted(fields: Record<string, unknown>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (SECRET_FIELDS.has(name)) clean[name] = '[Redacted]';
    else clean[name] = isPlainObject(value) ? redacted(value) : value;
  }
  return clean;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
