import { type Logger, pino } from 'pino';

/** Fields that could carry a secret, wherever an object with them is logged. */
const SECRET_FIELDS = [
  'authorization',
  'api_key',
  'apiKey',
  'callback_secret',
  'callbackSecret',
  'secret',
  'previousSecret',
  'SECRET_KEY',
];

/** The logger of a process: JSON lines on standard output; secrets are redacted wherever they stand. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
  });
}
