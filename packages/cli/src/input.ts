import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError, EXIT, usageError } from './exit.ts';

/** Bytes of a message; the registry says more exactly what it takes. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const MAX_SECRET_BYTES = 4096;

/** The text of a message: the argument, or with `-` or none what comes on stdin. @throws CommandError */
export async function textFrom(argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument;
  if (argument === undefined && process.stdin.isTTY)
    throw usageError('There is no text: write it behind the command, or pipe it in.');
  const text = (await readAll(MAX_TEXT_BYTES)).replace(/\r?\n$/, '');
  if (text === '') throw usageError('There is no text on stdin.');
  return text;
}

/**
 * A secret, which no list of processes and no history of a shell shows.
 * @param known what an empty one stands for; undefined: it may not be empty.
 * @throws CommandError
 */
export async function secretFrom(question: string, known?: string): Promise<string> {
  const secret = process.stdin.isTTY ? await ask(question) : await readAll(MAX_SECRET_BYTES);
  const given = secret.trim() || known;
  if (given === undefined) throw usageError(`${question}: there is none on stdin.`);
  return given;
}

async function readAll(maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.byteLength;
    if (bytes > maxBytes) throw usageError(`What comes on stdin has more than ${maxBytes} bytes.`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Asks at the terminal without showing what is typed. */
async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(`${question}: `);
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => interrupted.abort());
  terminal.once('close', () => interrupted.abort());
  try {
    return await terminal.question('', { signal: interrupted.signal });
  } catch {
    throw new CommandError(EXIT.refused, 'Nothing was done.');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
