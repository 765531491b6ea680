import { type Fetch, Mahilo } from '@mahilo/client';
import type { Scene } from '../inbox/scene.ts';
import type { InProcessWorld } from '../world/in-process-world.ts';

export interface People {
  /** For tests of inboxes that change the database. */
  scene: Scene;
  ann: Mahilo;
  ben: Mahilo;
  annKey: string;
  benKey: string;
  /** Ben's one polling agent. */
  connectionId: string;
}

/** Two friends who use the client; Ben has an agent that polls. */
export async function people(world: InProcessWorld, fetch?: Fetch): Promise<People> {
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await ann.befriend(ben);
  const connectionId = await ben.connectPolling();
  const [annKey, benKey] = [ann.apiKey ?? '', ben.apiKey ?? ''];
  const as = (key: string) => new Mahilo({ url: world.url, key, fetch });
  const scene = { world, ann, ben, connectionId };
  return { scene, ann: as(annKey), ben: as(benKey), annKey, benKey, connectionId };
}

/** The answer of a busy registry. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { error: 'Not now.', code, request_id: 'req_test' };
  return Response.json(body, { status, headers });
}
