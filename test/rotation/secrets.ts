import { Webhook } from 'standardwebhooks';
import type { AgentDouble } from '../world/agent-double.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { InProcessWorld } from '../world/in-process-world.ts';
import type { Surroundings } from '../world/surroundings.ts';
import type { World } from '../world/world.ts';

export const OLD = 'the-old-secret-key-0123456789-0123456789';
export const NEW = 'the-new-secret-key-0123456789-0123456789';
export const OTHER = 'nobody-ever-had-this-secret-key-0123456789';

export const BEFORE = { SECRET_KEY: OLD };
/** The first half of a rotation without downtime: processes know the new secret but do not use it yet. */
export const BOTH_KNOWN = { SECRET_KEY: OLD, SECRET_KEY_PREVIOUS: NEW };
export const CHANGED = { SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD };
export const AFTER = { SECRET_KEY: NEW };

type Keys = Readonly<Record<string, string>>;

/** Replaces API and worker by new ones with these secrets. */
export async function restart(world: World | InProcessWorld, api: Keys, worker: Keys = api) {
  await world.endAll();
  await world.startApi(api);
  await world.startWorker(worker);
}

/** Sends a message, and verifies the callback's signature as the agent would. */
export async function assertDelivers(ann: Client, ben: Client, agent: AgentDouble, secret: string) {
  const { message_id } = await ann.send(ben, 'Is this signed right?');
  const received = await eventually(() =>
    agent.received.find(({ json }) => json['message_id'] === message_id),
  );
  new Webhook(secret).verify(received.body, received.headers as Record<string, string>);
}

export async function secretStatus(world: Surroundings, keys: Keys) {
  const { code, json } = await world.admin(['secret', 'status', '--json'], keys);
  return { code, ...json };
}

/** The registration of an agent, with the same name each time. */
export function agentOf({ url }: AgentDouble) {
  return {
    framework: 'test',
    label: 'main',
    callback_url: url,
    public_key: 'none',
    public_key_alg: 'ed25519',
  };
}
