import type { Client } from '../world/client.ts';

const VERSION = '2026-07-28';

/** An answer of `/mcp`: a result, or an error. */
export interface RpcAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  result?: any;
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

/** One bare request to `/mcp`. */
export async function rpc(client: Client, method: string, params: object = {}): Promise<RpcAnswer> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  };
  const message = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } };
  const headers = {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': VERSION,
    'mcp-method': method,
  };
  return (await client.call('POST', '//mcp', message, headers)).json;
}

/** {@link rpc}, and asserts success. */
export async function rpcOk(client: Client, method: string, params: object): Promise<RpcAnswer['result']> {
  const { result, error } = await rpc(client, method, params);
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}

/** {@link rpc}, and asserts an error. */
export async function rpcRefused(client: Client, method: string, params: object): Promise<[number, unknown]> {
  const { result, error } = await rpc(client, method, params);
  if (error === undefined) throw new Error(`${method}: ${JSON.stringify(result)}`);
  return [error.code, error.data];
}
