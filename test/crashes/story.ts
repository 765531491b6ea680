import type { Environment } from '../world/process.ts';
import type { Surroundings } from '../world/surroundings.ts';

/** A world whose API and worker end, and come back. */
export interface Mortal extends Surroundings {
  startApi(): Promise<unknown>;
  startWorker(): Promise<unknown>;
}

export async function restart(world: Mortal): Promise<void> {
  await world.endAll();
  await world.startApi();
  await world.startWorker();
}

/** Something that goes on when API and worker have ended: for `npm test` by a restart, in CI by a crash. */
export interface Story {
  name: string;
  settings: Environment;
  /** Both run when it begins. */
  run(world: Mortal): Promise<void>;
}
