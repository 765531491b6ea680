import type { Environment } from '../world/process.ts';
import type { Surroundings } from '../world/surroundings.ts';

/** A world whose API and worker can end and come back. */
export interface Mortal extends Surroundings {
  startApi(): Promise<unknown>;
  startWorker(): Promise<unknown>;
}

export async function restart(world: Mortal): Promise<void> {
  await world.endAll();
  await world.startApi();
  await world.startWorker();
}

/** A story that goes on after API and worker have ended: by a restart in `npm test`, by a crash in CI. */
export interface Story {
  name: string;
  settings: Environment;
  /** Both run when it begins. */
  run(world: Mortal): Promise<void>;
}
