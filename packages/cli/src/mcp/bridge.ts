import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Output } from '../output.ts';
import type { Session } from '../session.ts';
import { visible } from '../visible.ts';
import { announceChannel, Channel } from './channel.ts';
import { isSendingTool, sendSealed, withTexts } from './sealed-mail.ts';

/** JSON-RPC 2.0 leaves it to servers. */
const SERVER_ERROR = -32_000;

/** How a host of either revision begins. */
const GREETINGS = ['initialize', 'server/discover'];

type Id = string | number;

interface Asked {
  method: string;
  /** That is called. */
  tool: unknown;
  abort: AbortController;
}

/**
 * Hands the messages of a host on to the registry's `/mcp`, with the key, and the answers back, until the host closes
 * stdin. What the host is told and may do is the registry's business.
 */
export async function serveMcp(session: Session, output: Output, withChannel: boolean): Promise<void> {
  const bridge = new Bridge(session, output, withChannel);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bridge.close());
  await bridge.serve();
}

class Bridge {
  readonly #host = new StdioServerTransport();
  readonly #registry: StreamableHTTPClientTransport;
  readonly #channel: Channel | undefined;
  readonly #session: Session;
  readonly #output: Output;
  readonly #asked = new Map<Id, Asked>();

  constructor(session: Session, output: Output, withChannel: boolean) {
    const headers = { authorization: `Bearer ${session.key}` };
    this.#registry = new StreamableHTTPClientTransport(new URL(`${session.url}/mcp`), {
      requestInit: { headers, redirect: 'manual' },
    });
    this.#session = session;
    this.#output = output;
    if (withChannel) this.#channel = new Channel(session.mahilo, output, (message) => this.#toHost(message));
  }

  /** @returns when the host has gone. */
  async serve(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#host.onclose = () => resolve();
    });
    this.#host.onmessage = (message) => void this.#fromHost(message as JSONRPCMessage);
    this.#host.onerror = (error) => this.#output.say(visible(`The host sends no message: ${error.message}`));
    this.#registry.onmessage = (message) => void this.#fromRegistry(message);
    await this.#registry.start();
    await this.#host.start();
    await gone;
    this.#channel?.end();
    await this.#registry.close();
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #fromHost(message: JSONRPCMessage): Promise<void> {
    if (!('method' in message)) return this.#send(message);
    // A host that may have asked another process for the greeting is ready for more when it goes on.
    if (!GREETINGS.includes(message.method)) this.#channel?.begin();
    if (message.method === 'notifications/cancelled') {
      // Over HTTP a request is cancelled by leaving it.
      const id = message.params?.['requestId'] as Id;
      this.#asked.get(id)?.abort.abort();
      this.#asked.delete(id);
      return;
    }
    if (!('id' in message)) return this.#send(message);
    const tool = message.method === 'tools/call' ? message.params?.['name'] : undefined;
    const asked = { method: message.method, tool, abort: new AbortController() };
    this.#asked.set(message.id, asked);
    try {
      if (await this.#sendsSealed(message, asked)) return;
      await this.#registry.send(message, {
        requestSignal: asked.abort.signal,
        onRequestStreamEnd: () =>
          this.#refuse(message.id, asked, { message: 'The registry has ended the connection.' }),
      });
    } catch (error) {
      this.#refuse(message.id, asked, errorOf(error));
    }
  }

  /** A text that a model sends is encrypted here: the registry's own tools could not. @returns whether it is answered. */
  async #sendsSealed({ id, params }: JSONRPCRequest, { tool, abort }: Asked): Promise<boolean> {
    if (!this.#session.hasKeys || !isSendingTool(tool)) return false;
    const result = await sendSealed(this.#session, tool, params?.['arguments'], abort.signal);
    if (result === undefined) return false;
    // Revision 2026-07-28 wants to be told that nothing more is asked for.
    const isNew = params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined;
    await this.#fromRegistry({
      jsonrpc: '2.0',
      id,
      result: { ...result, ...(isNew && { resultType: 'complete' }) },
    });
    return true;
  }

  /** What has no answer: the registry may be away for a moment. */
  async #send(message: JSONRPCMessage): Promise<void> {
    try {
      await this.#registry.send(message);
    } catch (error) {
      this.#output.say(visible(`${errorOf(error).message}`));
    }
  }

  #refuse(id: Id, asked: Asked, error: RpcError): void {
    if (this.#asked.get(id) !== asked) return;
    this.#asked.delete(id);
    void this.#toHost({ jsonrpc: '2.0', id, error: { code: SERVER_ERROR, ...error } });
  }

  async #fromRegistry(message: JSONRPCMessage): Promise<void> {
    if ('method' in message || message.id === undefined) return this.#toHost(message);
    const asked = this.#asked.get(message.id);
    // Nobody waits any more for the answer of what was cancelled.
    if (asked === undefined) return;
    this.#asked.delete(message.id);
    if (asked.method === 'initialize' && 'result' in message)
      this.#registry.setProtocolVersion(String(message.result['protocolVersion']));
    const isGreeting = this.#channel !== undefined && GREETINGS.includes(asked.method);
    if (asked.tool === 'check_inbox' && this.#session.hasKeys)
      return this.#toHost(await withTexts(this.#session.mahilo, message));
    return this.#toHost(isGreeting ? announceChannel(message) : message);
  }

  /** A host that has gone hears nothing, and needs not. */
  async #toHost(message: JSONRPCMessage): Promise<void> {
    await this.#host.send(message as Parameters<StdioServerTransport['send']>[0]).catch(() => undefined);
  }
}

interface RpcError {
  code?: number;
  message: string;
  data?: unknown;
}

/** The registry's own words, where it has answered. */
function errorOf(error: unknown): RpcError {
  const text = error instanceof Error && 'data' in error ? textIn(error.data) : undefined;
  const told = text === undefined ? undefined : rpcErrorIn(text);
  if (told !== undefined) return told;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return {
    message: `The registry does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
  };
}

function textIn(data: unknown): string | undefined {
  const isWithText = typeof data === 'object' && data !== null && 'text' in data;
  return isWithText && typeof data.text === 'string' ? data.text : undefined;
}

function rpcErrorIn(text: string): RpcError | undefined {
  try {
    const { error } = JSON.parse(text);
    const isRpc =
      typeof error === 'object' && typeof error.code === 'number' && typeof error.message === 'string';
    return isRpc ? error : undefined;
  } catch {
    return undefined;
  }
}
