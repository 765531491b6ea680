import { configuredOrExit, loadSettings, nearlySettings, sortBeside } from '@mahilo/shared/config/load';
import { createLogger } from '@mahilo/shared/observe/log';
import { LogOutput } from '@mahilo/shared/observe/log-output';
import { noteLostLines } from '@mahilo/shared/observe/lost-lines';
import { createRegistry, measureLog } from '@mahilo/shared/observe/metrics';
import { keepFilesPrivate } from '@mahilo/shared/private-files';
import { cannotStart, endWhenDatabaseIsGone } from '@mahilo/shared/process/endings';
import { keepIgnoringHangUp } from '@mahilo/shared/process/hang-up';
import { giveBackIdleMemory } from '@mahilo/shared/process/idle-memory';
import closeWithGrace from 'close-with-grace';
import { tuneHeap } from './heap.ts';

/** Time (ms) beyond SHUTDOWN_TIMEOUT_MS to give leases back and close the database, before the process is killed. */
const CLOSE_MARGIN_MS = 5000;

keepFilesPrivate();
const settings = configuredOrExit(loadSettings);
sortBeside(settings.DATABASE_URL);
const output = new LogOutput();
const log = createLogger('worker', settings.LOG_LEVEL, output);
for (const sentence of nearlySettings()) log.warn(sentence);
const registry = createRegistry('worker');
measureLog(registry, output);
// The rest takes most of a start; wrong settings are told before it.
const { openWorker } = await import('./open-worker.ts');
tuneHeap();
const worker = await openWorker(settings, registry, log).catch(failed);
endWhenDatabaseIsGone(worker.db, log);
noteLostLines(worker.db.notes, 'worker', output);

const delay = settings.SHUTDOWN_TIMEOUT_MS + CLOSE_MARGIN_MS;
closeWithGrace({ delay, skip: keepIgnoringHangUp(), logger: log }, async ({ err, signal }) => {
  if (err) log.fatal({ err }, 'Worker stops after an error that nothing handled');
  else log.info({ signal }, 'Worker is stopping');
  await worker.close();
});

if (settings.NODE_ENV === 'production') giveBackIdleMemory();
await worker.start();
log.info('Worker is delivering');

function failed(error: unknown): never {
  cannotStart(log, 'Worker', error);
}
