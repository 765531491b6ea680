import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { optionsOrExit } from '@mahilo/operator/command-line';
import { terminalPicture } from './pictures/terminal.ts';

const DEMO = fileURLToPath(new URL('demo.ts', import.meta.url));
const FILE = fileURLToPath(new URL('../docs/pictures/demo.svg', import.meta.url));
/** The chapters that tell the story; the others are for the person who runs the demo. */
const CHAPTERS = ['2  A conversation', '3  Bad luck', 'In short'];

const HELP = `Runs the demo, and draws its output as docs/pictures/demo.svg.

node scripts/bootstrap.mjs scripts/demo-picture.ts [--help]`;

/** The lines of some chapters of the demo. A chapter begins with its bold heading and ends with an empty line. */
function chaptersOf(output: string): string[] {
  const lines = output.split('\n');
  return CHAPTERS.flatMap((heading) => {
    const begin = lines.findIndex((line) => stripVTControlCharacters(line) === heading);
    if (begin < 0) throw new Error(`The demo has no chapter "${heading}".`);
    const end = lines.indexOf('', begin);
    return [...lines.slice(begin, end < 0 ? undefined : end), ''];
  }).slice(0, -1);
}

optionsOrExit(HELP, {});
const demo = spawn(process.execPath, [DEMO], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, FORCE_COLOR: '1' },
});
const [output, [code]] = await Promise.all([text(demo.stdout), once(demo, 'exit')]);
if (code !== 0) throw new Error(`The demo ended with exit code ${code}.`);
writeFileSync(FILE, terminalPicture('npm run demo', chaptersOf(output)));
