import { optionsOrExit } from '@mahilo/operator/command-line';
import { succeeds } from './process/command.ts';

const HELP = `Formats the code, sorts imports and fixes what can be fixed safely: npm run fix [-- path…]`;

const { positionals } = optionsOrExit(HELP, { allowPositionals: true });
process.exitCode = (await succeeds('biome', ['check', '--write', ...positionals])) ? 0 : 1;
