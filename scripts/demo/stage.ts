import { Agent, type Heard } from './agent.ts';
import type { Callback } from './callback.ts';
import { replyTo } from './conversation.ts';
import { befriend, Person } from './person.ts';
import type { Narrator } from './print.ts';
import type { Registry, Running } from './registry.ts';

/** The people, agents and processes of the story. */
export interface Stage {
  registry: Registry;
  narrator: Narrator;
  worker: Running;
  nora: Agent;
  theo: Agent;
}

/** What the members of a group have taken, each message once for each of them. */
export interface Company {
  taken(): readonly Callback[];
}

/** Act one: the processes, the people, their agents, and a friendship. */
export async function setTheStage(
  registry: Registry,
  narrator: Narrator,
  onError: (error: unknown) => void,
): Promise<Stage> {
  narrator.heading('1  Setting the stage');
  const [api, worker] = await Promise.all([registry.startApi(), registry.startWorker()]);
  narrator.line('registry', `The API is up: ${registry.url} (process ${api.pid}).`);
  narrator.line('registry', `A worker is up, to deliver messages (process ${worker.pid}).`);
  const [nora, theo] = [
    await bringOn(registry, narrator, { username: 'nora', label: 'planner', onError }),
    await bringOn(registry, narrator, { username: 'theo', label: 'stargazer', onError }),
  ];
  await befriend(nora.owner, theo.owner);
  narrator.line('nora + theo', 'Nora asks, Theo accepts: now their agents may talk.');
  return { registry, narrator, worker, nora, theo };
}

interface Entrance {
  username: string;
  label: string;
  onError(error: unknown): void;
}

async function bringOn(registry: Registry, narrator: Narrator, entrance: Entrance): Promise<Agent> {
  const { username, label, onError } = entrance;
  const owner = await Person.register(registry.url, username);
  const agent = new Agent({
    owner,
    label,
    reply: replyTo,
    onError,
    onHeard: (listener, heard) => tellHeard(narrator, listener, heard),
  });
  await agent.start();
  await agent.connect();
  narrator.line(username, `Registers, and connects “${label}” on ${new URL(agent.url).host}.`);
  return agent;
}

function tellHeard(narrator: Narrator, { owner }: Agent, heard: Heard): void {
  const { at } = heard;
  if (heard.kind === 'forged') {
    narrator.line(owner.username, 'Somebody forges a callback: refused with 401.', { at, tone: 'bad' });
  } else if (heard.kind === 'again') {
    narrator.line(owner.username, 'The same message id: noted, and not answered twice.', { at });
  } else {
    const { sender, message, group_id } = heard.callback;
    const text = group_id === undefined ? message : `by callback: ${message}`;
    narrator.line(`${sender} → ${owner.username}`, text, { at });
  }
}

/** The messages that an agent has taken. */
export function news(agent: Agent): Callback[] {
  return agent.heard.flatMap((heard) => (heard.kind === 'new' ? [heard.callback] : []));
}
