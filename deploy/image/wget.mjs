#!/usr/local/bin/node
// What health checks written for other images need of wget, which Debian's slim image has not: does this URL answer?
// Usage: wget [-q] [--spider] [-O FILE|-] [-T SECONDS] URL. Other options are taken and do nothing.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

// As in wget's manual.
const EXIT = { usage: 2, network: 4, server: 8 };

const { values, positionals } = parseArgs({
  options: {
    quiet: { type: 'boolean', short: 'q' },
    spider: { type: 'boolean' },
    'output-document': { type: 'string', short: 'O' },
    timeout: { type: 'string', short: 'T', default: '10' },
    tries: { type: 'string', short: 't' },
  },
  strict: false,
  allowPositionals: true,
});
const url = positionals.find((word) => /^https?:/.test(word));
if (url === undefined) process.exit(EXIT.usage);
const say = (text) => values.quiet || console.error(text);
try {
  const method = values.spider ? 'HEAD' : 'GET';
  const answer = await fetch(url, { method, signal: AbortSignal.timeout(Number(values.timeout) * 1000) });
  say(`${url}: ${answer.status}`);
  if (!answer.ok) process.exit(EXIT.server);
  if (!values.spider) {
    const file = values['output-document'] ?? (basename(new URL(url).pathname) || 'index.html');
    writeFileSync(file === '-' ? 1 : file, Buffer.from(await answer.arrayBuffer()));
  }
} catch (error) {
  say(`${url}: ${error.cause?.message ?? error.message}`);
  process.exit(EXIT.network);
}
