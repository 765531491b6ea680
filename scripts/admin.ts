import { runTool } from '@mahilo/operator/tools';

process.exitCode = await runTool(process.argv.slice(2));
