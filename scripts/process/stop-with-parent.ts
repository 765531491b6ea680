/**
 * Preloaded into a child process (`node --import`) that was started with an IPC channel: stops it as SIGTERM would when
 * its parent is gone, even if the parent was killed and could say nothing.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
