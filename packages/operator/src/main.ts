// The operator's tools as a program of its own: node packages/operator/src/main.ts <tool> [option…]
import { keepFilesPrivate } from '@mahilo/shared/private-files';
import { runTool } from './tools.ts';

keepFilesPrivate();
process.exitCode = await runTool(process.argv.slice(2));
