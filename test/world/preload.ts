// Preloaded into each process that a test starts.
import { flushCompileCache } from 'node:module';
import '../../scripts/process/stop-with-parent.ts';

// Node writes its compile cache when a process ends by itself, but tests kill most of theirs.
process.on('message', () => flushCompileCache());
process.channel?.unref();
