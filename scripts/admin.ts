import { runTool } from '@mahilo/operator/tools';
import { keepFilesPrivate } from '@mahilo/shared/private-files';

keepFilesPrivate();
process.exitCode = await runTool(process.argv.slice(2));
