import { nodeEnvironment } from '../rig/as-shipped.ts';
import type { Lab } from '../rig/lab.ts';
import type { Pair } from '../rig/people.ts';
import { freePort, healthy } from '../rig/port.ts';
import { StartedProcess } from '../rig/started-process.ts';

export interface BareServer extends AsyncDisposable {
  port: number;
  started: StartedProcess;
}

export interface BareStore {
  file: string;
  synchronous: 'full' | 'off';
  /** With these two, the file is one of the product's, and each request writes all the rows of a message between them. */
  pair?: Pair;
  /** Settings of its process beside those of the images. */
  environment?: Readonly<Record<string, string>>;
}

/** Starts `insert-server.ts`, with the Node options of the product. Without a store it stores nothing. */
export async function startBareServer(lab: Lab, store?: BareStore): Promise<BareServer> {
  const port = await freePort();
  const started = new StartedProcess({
    script: 'bench/bare/insert-server.ts',
    environment: { NODE_ENV: 'production', ...nodeEnvironment(lab), ...store?.environment },
    arguments: [String(port), ...(store ? storeArguments(store) : [])],
  });
  await healthy(started, port);
  return { port, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

function storeArguments({ file, synchronous, pair }: BareStore): string[] {
  if (pair === undefined) return [file, synchronous];
  return [file, synchronous, JSON.stringify(pair, ['sender', 'recipient', 'id', 'username', 'connectionId'])];
}
