import { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { World } from '../world/world.ts';

/** Every process must notice within five seconds; the rest is for a busy machine. */
const PATIENCE_MS = 60_000;

/** An API, a worker, two friends, and a message that a polling agent has not fetched yet. */
export async function scene() {
  const world = new World();
  const processes = [await world.startApi(), await world.startWorker()];
  const ann = await world.nobody.register('ann');
  const ben = await world.nobody.register('ben');
  await ben.connectPolling();
  await ann.befriend(ben);
  await ann.send(ben, 'Before');
  return { world, ann, ben, processes };
}

/** Starts an API on the same directory, in this process. */
export async function startAgain({ directory }: World): Promise<InProcessWorld> {
  const world = new InProcessWorld({}, { directory });
  await world.startApi();
  return world;
}

/** The same person at another API. */
export const at = (world: InProcessWorld, { username, apiKey }: Client) =>
  new Client(() => world.url, username, apiKey);

export async function endings(processes: Awaited<ReturnType<typeof scene>>['processes']) {
  return Promise.all(
    processes.map((one) =>
      Promise.race([
        one.ended,
        new Promise((resolve) => setTimeout(() => resolve('still running'), PATIENCE_MS).unref()),
      ]),
    ),
  );
}
