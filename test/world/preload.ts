// Preloaded into each process that a test starts.
import { flushCompileCache } from 'node:module';
import '../../scripts/process/stop-with-parent.ts';

// Node writes its compile cache when a process ends by itself; most of those that tests start are killed.
process.on('message', () => flushCompileCache());
process.channel?.unref();
