import assert from 'node:assert/strict';
import { Client, type JSONRPCNotification } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { MAHILO, Terminal } from './terminal.ts';

/** Two friends, each at a terminal, and their registry. */
export class TwoTerminals implements AsyncDisposable {
  readonly world = new InProcessWorld();
  readonly anns = new Terminal();
  readonly bens = new Terminal();
  #api: Awaited<ReturnType<InProcessWorld['startApi']>> | undefined;

  async start(): Promise<void> {
    await this.startApi();
    await this.anns.ok(['register', 'ann', this.world.url]);
    await this.bens.ok(['register', 'ben', this.world.url]);
    await this.anns.ok(['friends', 'add', 'ben']);
    await this.bens.ok(['friends', 'accept', 'ann']);
  }

  async startApi(): Promise<void> {
    this.#api = await this.world.startApi();
  }

  async stopApi(): Promise<void> {
    await this.#api?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of [this.anns, this.bens]) terminal[Symbol.dispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

export interface Host extends AsyncDisposable {
  client: Client;
  pushed: JSONRPCNotification[];
}

/** A host such as Claude Code, which starts `mahilo mcp`. */
export async function hostOf(
  terminal: Terminal,
  mode: 'auto' | 'legacy',
  ...options: string[]
): Promise<Host> {
  const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode } });
  const pushed: JSONRPCNotification[] = [];
  client.fallbackNotificationHandler = async (notification) =>
    void pushed.push(notification as JSONRPCNotification);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAHILO, 'mcp', ...options],
    env: terminal.environment,
  });
  await client.connect(transport, { timeout: 60_000 });
  return { client, pushed, [Symbol.asyncDispose]: () => client.close() };
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
export async function call({ client }: Host, name: string, input: Record<string, unknown>): Promise<any> {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: input });
  assert.ok(!isError, JSON.stringify(content));
  return structuredContent;
}

/** A message goes to a host over stdio, and its answer to ann's inbox. */
export async function converseOverStdio(
  { anns, bens }: TwoTerminals,
  mode: 'auto' | 'legacy',
): Promise<void> {
  await using host = await hostOf(bens, mode);
  const { tools } = await host.client.listTools();
  assert.ok(tools.some(({ name }) => name === 'check_inbox'));
  const waiting = eventually(async () => (await call(host, 'check_inbox', { wait_seconds: 25 })).messages[0]);
  const [{ message_id }] = await anns.json(['send', 'ben', `Over stdio, ${mode}`]);
  const message = await waiting;
  assert.deepEqual([message.message_id, message.message], [message_id, `Over stdio, ${mode}`]);
  await call(host, 'reply', { delivery_id: message.delivery_id, message_id, message: 'Got it' });
  const [answer] = await anns.json(['inbox']);
  assert.deepEqual([answer.message, answer.in_response_to], ['Got it', message_id]);
  assert.equal(host.client.getServerCapabilities()?.experimental, undefined);
}
