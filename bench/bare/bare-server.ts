import { nodeEnvironment } from '../rig/as-shipped.ts';
import type { BenchDatabase } from '../rig/database.ts';
import type { Lab } from '../rig/lab.ts';
import type { Pair } from '../rig/people.ts';
import { freePort, healthy } from '../rig/port.ts';
import { StartedProcess } from '../rig/started-process.ts';

export interface BareServer extends AsyncDisposable {
  port: number;
  started: StartedProcess;
}

export interface BareStore {
  database: BenchDatabase;
  synchronous: 'full' | 'off';
  /** With these two, the database has the product's tables, and each request writes all the rows of a message between them. */
  pair?: Pair;
  /** Settings of its process beside those of the images. */
  environment?: Readonly<Record<string, string>>;
}

/** Starts `insert-server.ts`, with the Node options of the product. Without a store it stores nothing. */
export async function startBareServer(lab: Lab, store?: BareStore): Promise<BareServer> {
  const port = await freePort();
  await store?.database.make();
  const started = new StartedProcess({
    script: 'bench/bare/insert-server.ts',
    environment: { NODE_ENV: 'production', ...nodeEnvironment(lab), ...store?.environment },
    arguments: [String(port), ...(store ? storeArguments(store) : [])],
  });
  await healthy(started, port);
  return { port, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

/** What the bare pipeline is, in words. */
export function bareName(
  lab: Lab,
  { synchronous, pair }: Pick<BareStore, 'synchronous'> & { pair?: true },
): string {
  const setting = lab.server ? 'synchronous_commit' : 'synchronous';
  const value = lab.server && synchronous === 'full' ? 'on' : synchronous.toUpperCase();
  const work = pair ? "all of a message's rows, inserted by hand" : 'one INSERT each';
  return `Fastify and ${work}, ${setting}=${lab.server ? value.toLowerCase() : value}`;
}

function storeArguments({ database: { url }, synchronous, pair }: BareStore): string[] {
  if (pair === undefined) return [url, synchronous];
  return [url, synchronous, JSON.stringify(pair, ['sender', 'recipient', 'id', 'username', 'connectionId'])];
}
