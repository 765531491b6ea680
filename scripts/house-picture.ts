import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { optionsOrExit } from '@mahilo/operator/command-line';
import { housePicture } from './pictures/house.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE = fileURLToPath(new URL('../docs/pictures/house.svg', import.meta.url));

const HELP = `Draws docs/pictures/house.svg: the folders of packages/, and what imports what.

node scripts/bootstrap.mjs scripts/house-picture.ts [option…]

  --check       Writes nothing; fails when the picture is not up to date.
  --help        Shows this.`;

const { values } = optionsOrExit(HELP, { options: { check: { type: 'boolean', default: false } } });
const picture = await housePicture(ROOT);
if (!values.check) writeFileSync(FILE, picture);
else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== picture) {
  console.error('Not up to date: docs/pictures/house.svg; run npm run fix');
  process.exitCode = 1;
}
