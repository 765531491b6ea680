import { nodeEnvironment } from '../rig/as-shipped.ts';
import type { Lab } from '../rig/lab.ts';
import { freePort, healthy } from '../rig/port.ts';
import { StartedProcess } from '../rig/started-process.ts';

export interface BareServer extends AsyncDisposable {
  port: number;
  started: StartedProcess;
}

/** Starts `insert-server.ts`, with the same options for Node as the product; without a file it stores nothing. */
export async function startBareServer(
  lab: Lab,
  store?: { file: string; synchronous: 'full' | 'off' } | undefined,
): Promise<BareServer> {
  const port = await freePort();
  const started = new StartedProcess({
    script: 'bench/bare/insert-server.ts',
    environment: { NODE_ENV: 'production', ...nodeEnvironment(lab) },
    arguments: [String(port), ...(store ? [store.file, store.synchronous] : [])],
  });
  await healthy(started, port);
  return { port, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}
