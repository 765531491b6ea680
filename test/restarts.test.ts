import { test } from 'node:test';
import { STORIES } from './crashes/stories.ts';
import { InProcessWorld } from './world/in-process-world.ts';

for (const { name, settings, run } of STORIES) {
  test(`across a restart of everything: ${name}`, async () => {
    await using world = await InProcessWorld.start(settings);
    await run(world);
  });
}
