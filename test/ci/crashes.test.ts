import { test } from 'node:test';
import { STORIES } from '../crashes/stories.ts';
import { World } from '../world/world.ts';

for (const { name, settings, run } of STORIES) {
  test(`across a crash of both processes: ${name}`, async () => {
    await using world = await World.start(settings);
    await run(world);
  });
}
